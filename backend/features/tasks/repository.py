"""The queries of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update

from backend.db.models import Project, Task
from backend.db.unit_of_work import Connection
from backend.knowledge import tasks
from backend.knowledge.tasks import StoredTask
from backend.web.cursors import Place

_LISTED = ("open", "done")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which tasks to list.

    Attributes:
        statuses: In one of these states; all but deleted when empty.
        project_key: Of this project; None is any.
        due_before: Due before this day; None is any time.
        before: Older than this place; None begins with the newest.
        limit: How many at most.
    """

    statuses: tuple[str, ...]
    project_key: str | None
    due_before: date | None
    before: Place | None
    limit: int


async def page(connection: Connection, twin_id: UUID, *, wanted: Wanted) -> list[StoredTask]:
    """Return a twin's tasks, newest first.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        wanted: Which of them.
    """
    statement = tasks.selected().where(Task.twin_id == twin_id, Task.status.in_(wanted.statuses or _LISTED))
    if wanted.project_key is not None:
        statement = statement.where(Project.key == wanted.project_key)
    if wanted.due_before is not None:
        statement = statement.where(Task.due_on < wanted.due_before)
    if wanted.before is not None:
        statement = statement.where(tuple_(Task.created_at, Task.id) < tuple_(*wanted.before))
    newest_first = statement.order_by(Task.created_at.desc(), Task.id.desc()).limit(wanted.limit)
    return [tasks.stored(row) for row in (await connection.execute(newest_first)).mappings()]


async def lock(connection: Connection, twin_id: UUID, *, task_id: UUID) -> bool:
    """Keep a twin's task as it is until the transaction ends; return whether there is one that is not deleted.

    Args:
        connection: A transaction.
        twin_id: Whose it must be.
        task_id: The task.
    """
    one = select(Task.id).where(Task.id == task_id, Task.twin_id == twin_id, Task.status != "deleted")
    return await connection.scalar(one.with_for_update()) is not None


async def add(connection: Connection, twin_id: UUID, *, values: Mapping[str, Any]) -> UUID:
    """Add a task that its owner has thought of, and return its id.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        values: Its columns.
    """
    statement = insert(Task).values(twin_id=twin_id, source="manual", **values).returning(Task.id)
    task_id: UUID = (await connection.execute(statement)).scalar_one()
    return task_id


async def change(connection: Connection, task_id: UUID, *, values: Mapping[str, Any]) -> None:
    """Change a task, and count that.

    Args:
        connection: A transaction that has locked it.
        task_id: The task.
        values: The columns that change.
    """
    counted = {"revision": Task.revision + 1, "updated_at": func.clock_timestamp()}
    await connection.execute(update(Task).where(Task.id == task_id).values({**values, **counted}))
