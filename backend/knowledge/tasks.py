"""Tasks as several features read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select

from backend.db.models import Project, Task
from backend.db.unit_of_work import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTask:
    """A task as it is stored.

    Attributes:
        status: open, done or deleted.
        priority: From 1, the most urgent, to 4.
        due_on: The day, in its owner's zone; None is some time.
        due_at: The moment, when a time of day was said.
        due_zone: The zone in which it was said.
        recurrence: How it recurs, in words; None is once.
        project: The name of its project; None is none.
        thought_id: The thought that it was found in.
        source: Who made it: capture, todoist or manual.
        revision: Counts changes from 1.
    """

    id: UUID
    title: str
    notes: str
    status: str
    priority: int
    due_on: date | None
    due_at: datetime | None
    due_zone: str | None
    recurrence: str | None
    estimate_minutes: int | None
    labels: tuple[str, ...]
    project: str | None
    thought_id: UUID | None
    source: str
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DueWindow:
    """Some days.

    Attributes:
        first: None is as long ago as may be.
        last: Itself included.
    """

    first: date | None
    last: date


def selected() -> Select[*tuple[Any, ...]]:
    """Return the statement that reads tasks, to be narrowed; `stored` makes records of its rows."""
    return select(
        Task.id,
        Task.title,
        Task.notes,
        Task.status,
        Task.priority,
        Task.due_on,
        Task.due_at,
        Task.due_zone,
        Task.recurrence,
        Task.estimate_minutes,
        Task.labels,
        Project.name.label("project"),
        Task.thought_id,
        Task.source,
        Task.revision,
        Task.created_at,
        Task.updated_at,
        Task.completed_at,
    ).outerjoin_from(Task, Project, Project.id == Task.project_id)


def stored(row: RowMapping) -> StoredTask:
    """Return a row of `selected` as a record.

    Args:
        row: The row.
    """
    return StoredTask(**{**row, "labels": tuple(row["labels"])})


async def find(connection: Connection, twin_id: UUID, *, task_id: UUID) -> StoredTask | None:
    """Return a twin's task, None when there is none, or it was deleted.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        task_id: The task.
    """
    statement = selected().where(Task.id == task_id, Task.twin_id == twin_id, Task.status != "deleted")
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else stored(row)


async def most_urgent(
    connection: Connection, twin_id: UUID, *, limit: int, due: DueWindow | None = None
) -> list[StoredTask]:
    """Return a twin's open tasks, what is due first, then by priority and age.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        limit: How many at most.
        due: Due on one of these days; None is any task.
    """
    statement = selected().where(Task.twin_id == twin_id, Task.status == "open")
    if due is not None:
        statement = statement.where(Task.due_on <= due.last)
    if due is not None and due.first is not None:
        statement = statement.where(Task.due_on >= due.first)
    ordered = statement.order_by(Task.due_on.nulls_last(), Task.priority, Task.created_at, Task.id).limit(limit)
    return [stored(row) for row in (await connection.execute(ordered)).mappings()]
