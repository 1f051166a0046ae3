"""What comes in and goes out of tasks."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.web.cursors import CURSOR_MAX
from backend.web.queries import StrictQuery

PAGE_MAX = 100
_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)
_Written = StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")
_Named = StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")
_Noted = StringConstraints(strip_whitespace=True, max_length=4_000, pattern=r"^[^\x00]*$")


def _in_utc(at: datetime) -> datetime:
    if not _FIRST <= at.date() <= _LAST:
        msg = f"must be between {_FIRST} and {_LAST}"
        raise ValueError(msg)
    return at.astimezone(UTC)


Title = Annotated[str, _Written]
Name = Annotated[str, _Named]
Notes = Annotated[str, _Noted]
Priority = Annotated[int, Field(ge=1, le=4, description="From 1, the most urgent, to 4.")]
Minutes = Annotated[int, Field(ge=1, le=10_080)]
Day = Annotated[date, Field(strict=False, ge=_FIRST, le=_LAST, description="In your time zone.")]
Moment = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_in_utc)]
Labels = Annotated[list[Name], Field(max_length=20)]
Status = Literal["open", "done"]


class TaskIn(BaseModel):
    """A task to add; with `due_at` it is due on that moment's day in your time zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: Title
    notes: Notes = ""
    priority: Priority = 4
    due_on: Day | None = None
    due_at: Moment | None = None
    recurrence: Name | None = None
    estimate_minutes: Minutes | None = None
    labels: Labels = []
    project: Name | None = None

    @model_validator(mode="after")
    def _says_once_when(self) -> "TaskIn":
        return _due_once(self)


class TaskChange(BaseModel):
    """What to change of a task: what is named, and nothing else; null takes it away."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: Title = ""
    notes: Notes = ""
    priority: Priority = 4
    due_on: Day | None = None
    due_at: Moment | None = None
    recurrence: Name | None = None
    estimate_minutes: Minutes | None = None
    labels: Labels = []
    project: Name | None = None

    @model_validator(mode="after")
    def _says_once_when(self) -> "TaskChange":
        return _due_once(self)


class TaskOut(BaseModel):
    """A task; `revision` counts its changes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    title: str
    notes: str
    status: Status
    priority: Priority
    due_on: date | None
    due_at: datetime | None
    due_zone: str | None
    recurrence: str | None
    estimate_minutes: int | None
    labels: list[str]
    project: str | None
    thought_id: UUID | None
    source: Literal["capture", "todoist", "manual"]
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class TaskV1(TaskOut):
    """The contract task.v1: one task."""

    contract: Literal["task.v1"] = "task.v1"


class TaskPageV1(BaseModel):
    """The contract task-page.v1: some tasks, newest first; `next_cursor` is set while there are more."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["task-page.v1"] = "task-page.v1"
    tasks: list[TaskOut]
    next_cursor: str | None


class TasksQuery(StrictQuery):
    """Which of your tasks to list."""

    status: list[Status] = Field(default=[], description="Only tasks in one of these states; both by default.")
    project: str | None = Field(
        default=None, min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Only tasks of this project."
    )
    due_before: date | None = Field(default=None, description="Only tasks that are due before this day.")
    limit: int = Field(default=50, ge=1, le=PAGE_MAX, description="Tasks on one page.")
    cursor: str | None = Field(default=None, max_length=CURSOR_MAX, description="`next_cursor` of the page before.")


TaskT = TypeVar("TaskT", TaskIn, TaskChange)


def _due_once(task: TaskT) -> TaskT:
    if task.due_on is not None and task.due_at is not None:
        msg = "due_at says the day too: send either due_on or due_at"
        raise ValueError(msg)
    return task
