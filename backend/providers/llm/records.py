"""What is asked of an assistant, and what it may answer.

The answers are strict: a payload is one of these as a whole, or none of it is used.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)


def _is_moment(value: object) -> object:
    # The library takes numbers, and strings of digits, for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    msg = "must be a moment with its offset"
    raise ValueError(msg)


TASKS_MAX = 50
NAMES_MAX = 50
ITEMS_MAX = 50
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000, pattern=r"^[^\x00]*$")]
Priority = Annotated[int, Field(ge=1, le=4)]
Moment = Annotated[AwareDatetime, Strict(strict=False), BeforeValidator(_is_moment)]
Minutes = Annotated[int, Field(ge=1, le=10_080)]


class Payload(BaseModel):
    """A part of an answer: nothing is converted, nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class ExtractedTask(Payload):
    """Something to do.

    Attributes:
        due_on: The day, in the owner's zone.
        due_at: The moment, when a time of day was said; `due_on` is its day, or follows from it.
        priority: From 1, the most urgent, to 4; None when nothing was said.
        recurrence: How it recurs, in words; None is once.
    """

    title: Title
    notes: Words = ""
    due_on: date | None = None
    due_at: Moment | None = None
    priority: Priority | None = None
    estimate_minutes: Minutes | None = None
    project: Name | None = None
    labels: Annotated[list[Name], Field(max_length=20)] = []
    recurrence: Name | None = None


class ExtractedDate(Payload):
    """A date that was spoken of, beside those of tasks."""

    label: Title
    on_day: date
    at: Moment | None = None


class ExtractedUpdates(Payload):
    """All that was found in a thought; every list is there, and may be empty."""

    tasks: Annotated[list[ExtractedTask], Field(max_length=TASKS_MAX)]
    projects: Annotated[list[Name], Field(max_length=NAMES_MAX)]
    people: Annotated[list[Name], Field(max_length=NAMES_MAX)]
    ideas: Annotated[list[Title], Field(max_length=NAMES_MAX)]
    problems: Annotated[list[Title], Field(max_length=NAMES_MAX)]
    dates: Annotated[list[ExtractedDate], Field(max_length=NAMES_MAX)]


class PlannedItem(Payload):
    """A place in the plan; the task is one of those that were given."""

    task_id: UUID
    priority: Priority
    estimate_minutes: Minutes | None = None
    reason: Title


class PlanDraft(Payload):
    """A day, in order."""

    today_plan: Annotated[list[PlannedItem], Field(max_length=ITEMS_MAX)]


class AnswerDraft(Payload):
    """An answer, and the passages that it rests on; they are some of those that were given."""

    answer: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")
    ]
    citations: Annotated[list[UUID], Field(max_length=20)]
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractRequest:
    """A thought to look through.

    Attributes:
        text: What it says.
        now: Aware; when it was said.
        timezone: The IANA zone of its owner.
        projects: Names that are known already.
        people: Names that are known already.
    """

    text: str
    now: datetime
    timezone: str
    projects: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenTask:
    """A task that a plan may hold."""

    id: UUID
    title: str
    priority: int
    due_on: date | None = None
    due_at: datetime | None = None
    estimate_minutes: int | None = None
    project: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRequest:
    """A day to plan.

    Attributes:
        day: In the owner's zone.
        now: Aware.
        timezone: The IANA zone of its owner.
        tasks: What is open.
    """

    day: date
    now: datetime
    timezone: str
    tasks: tuple[OpenTask, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Something that an answer may rest on.

    Attributes:
        kind: thought or task; documents come with sources.
        rank: How well it fits the question, from 0; larger is better.
    """

    id: UUID
    kind: Literal["thought", "task"]
    text: str
    created_at: datetime
    rank: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryRequest:
    """A question, with what was found for it, best first."""

    question: str
    now: datetime
    timezone: str
    passages: tuple[Passage, ...]
