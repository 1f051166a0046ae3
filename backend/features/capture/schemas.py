"""What comes in and goes out of capture."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TEXT_MAX = 20_000


def _without_nul(text: str) -> str:
    # Postgres cannot hold U+0000 in a text.
    if "\x00" in text:
        msg = "must not hold the character U+0000"
        raise ValueError(msg)
    return text


class ThoughtIn(BaseModel):
    """A thought to keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=r"\S"), AfterValidator(_without_nul)]


class CaptureV1(BaseModel):
    """The contract capture.v1: the thought is committed, its job is queued."""

    model_config = ConfigDict(frozen=True)

    contract: Literal["capture.v1"] = "capture.v1"
    thought_id: UUID
    job_id: UUID
    created_at: datetime
    source: Literal["fallback", "provider"]


class ThoughtOut(BaseModel):
    """A thought; processed once `processed_at` is set."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    text: str
    title: str | None
    source: Literal["fallback", "provider"]
    created_at: datetime
    processed_at: datetime | None
