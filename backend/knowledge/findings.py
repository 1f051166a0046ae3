"""What is found in a thought: tasks, and whom and what it speaks of."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from backend.db.models import Finding, Project, Task
from backend.db.unit_of_work import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTask:
    """A task that was found in a thought.

    Attributes:
        due_on: The day, in its owner's zone.
        due_at: The moment, when a time of day was said.
        due_zone: The zone in which it was said.
        project: Its name; None is none.
    """

    id: UUID
    title: str
    notes: str
    priority: int
    due_on: date | None
    due_at: datetime | None
    due_zone: str | None
    recurrence: str | None
    estimate_minutes: int | None
    labels: tuple[str, ...]
    project: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundDate:
    """A date that a thought speaks of."""

    label: str
    on_day: date
    at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """All that was found in one thought, each in the order in which it was said."""

    tasks: tuple[FoundTask, ...] = ()
    projects: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ideas: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    dates: tuple[FoundDate, ...] = ()


# Ids are given in order, so that they say what was found first.
_TASKS = (
    select(
        Task.id,
        Task.title,
        Task.notes,
        Task.priority,
        Task.due_on,
        Task.due_at,
        Task.due_zone,
        Task.recurrence,
        Task.estimate_minutes,
        Task.labels,
        Project.name.label("project"),
    )
    .outerjoin(Project, Project.id == Task.project_id)
    .where(Task.thought_id == bindparam("thought_id"), Task.status != "deleted")
    .order_by(Task.id)
)
_OTHERS = (
    select(Finding.kind, Finding.text, Finding.on_day, Finding.at)
    .where(Finding.thought_id == bindparam("thought_id"))
    .order_by(Finding.id)
)


async def of_thought(connection: Connection, thought_id: UUID) -> Findings:
    """Return what was found in a thought, its tasks as they are now.

    Args:
        connection: An open connection.
        thought_id: The thought; nothing was found in one that does not exist.
    """
    tasks = (await connection.execute(_TASKS, {"thought_id": thought_id})).mappings()
    others = (await connection.execute(_OTHERS, {"thought_id": thought_id})).all()

    def texts(kind: str) -> tuple[str, ...]:
        return tuple(each.text for each in others if each.kind == kind)

    return Findings(
        tasks=tuple(FoundTask(**{**row, "labels": tuple(row["labels"])}) for row in tasks),
        projects=texts("project"),
        people=texts("person"),
        ideas=texts("idea"),
        problems=texts("problem"),
        dates=tuple(FoundDate(label=each.text, on_day=each.on_day, at=each.at) for each in others if each.on_day),
    )
