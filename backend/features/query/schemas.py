"""What comes in and goes out of query."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.web.texts import without_nul

QUESTION_MAX = 2_000


class QuestionIn(BaseModel):
    """A question."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: Annotated[str, Field(min_length=1, max_length=QUESTION_MAX, pattern=r"\S"), AfterValidator(without_nul)]


class Citation(BaseModel):
    """Something that an answer rests on; `excerpt` is its beginning or what fits the question."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: Literal["thought", "task"]
    excerpt: str
    created_at: datetime


class QueryV1(BaseModel):
    """The contract query.v1: an answer, never empty, and what it rests on.

    In the mode `provider` a language model has written it; in the mode `search` it is what was found.
    """

    model_config = ConfigDict(frozen=True)

    contract: Literal["query.v1"] = "query.v1"
    answer: Annotated[str, Field(min_length=1)]
    citations: list[Citation]
    confidence: Annotated[float, Field(ge=0, le=1)]
    mode: Literal["provider", "search"]
    source: Literal["fallback", "provider"]
    reason: str | None
