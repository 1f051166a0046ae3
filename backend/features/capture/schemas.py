"""What comes in and goes out of capture."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.web.cursors import CURSOR_MAX
from backend.web.queries import StrictQuery
from backend.web.texts import without_nul

TEXT_MAX = 20_000
KEY_MAX = 200
PAGE_MAX = 100
Source = Literal["fallback", "provider"]
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=KEY_MAX, pattern=r"^[ -~]+$")]


class ThoughtIn(BaseModel):
    """A thought to keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=r"\S"), AfterValidator(without_nul)]


class FoundTask(BaseModel):
    """A task that was found in a thought; `GET /v1/tasks/{id}` says how it is now."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    title: str
    notes: str
    priority: Annotated[int, Field(ge=1, le=4)]
    due_on: date | None
    due_at: datetime | None
    recurrence: str | None
    estimate_minutes: int | None
    labels: list[str]
    project: str | None


class FoundDate(BaseModel):
    """A date that a thought speaks of, beside those of tasks."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    label: str
    on_day: date
    at: datetime | None


class Findings(BaseModel):
    """All that was found in a thought."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    tasks: list[FoundTask]
    projects: list[str]
    people: list[str]
    ideas: list[str]
    problems: list[str]
    dates: list[FoundDate]


class _Captured(BaseModel):
    # Apart, so that an answer begins with what it is.
    contract: Literal["capture.v1"] = "capture.v1"
    thought_id: UUID
    job_id: UUID
    created_at: datetime
    source: Source
    reason: str | None
    title: str | None


class CaptureV1(Findings, _Captured):
    """The contract capture.v1: the thought is committed; this was found in it.

    Without a title it was not looked through yet, for the `reason` that stands here; the job does it.
    """


class ThoughtOut(BaseModel):
    """A thought; processed once `processed_at` is set."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    text: str
    title: str | None
    source: Source
    reason: str | None
    created_at: datetime
    processed_at: datetime | None


class ThoughtV1(ThoughtOut, Findings):
    """The contract thought.v1: a thought with what was found in it."""

    contract: Literal["thought.v1"] = "thought.v1"


class ThoughtPageV1(BaseModel):
    """The contract thought-page.v1: some thoughts, newest first; `next_cursor` is set while there are more."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["thought-page.v1"] = "thought-page.v1"
    thoughts: list[ThoughtOut]
    next_cursor: str | None


class ThoughtsQuery(StrictQuery):
    """Which of your thoughts to list."""

    limit: int = Field(default=50, ge=1, le=PAGE_MAX, description="Thoughts on one page.")
    cursor: str | None = Field(default=None, max_length=CURSOR_MAX, description="`next_cursor` of the page before.")
