"""The rules of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core import clock
from backend.core.errors import NotFoundError
from backend.db.unit_of_work import Connection
from backend.features.tasks import repository
from backend.features.tasks.repository import Wanted
from backend.features.tasks.schemas import TaskChange, TaskIn, TasksQuery
from backend.knowledge import projects, tasks
from backend.knowledge.names import key_of
from backend.knowledge.tasks import StoredTask
from backend.knowledge.zones import local_time
from backend.web import cursors


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some of a twin's tasks.

    Attributes:
        tasks: Newest first.
        next_cursor: Where the next page begins; None on the last one.
    """

    tasks: list[StoredTask]
    next_cursor: str | None


async def browse(connection: Connection, twin_id: UUID, *, query: TasksQuery) -> Page:
    """Return one page of the twin's tasks.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        query: Which of them.

    Raises:
        InvalidCursorError: The cursor was not made by a page before.
    """
    wanted = Wanted(
        statuses=tuple(query.status),
        project_key=None if query.project is None else key_of(query.project),
        due_before=query.due_before,
        before=cursors.place_of(query.cursor),
        # One more than asked for tells whether there is a next page.
        limit=query.limit + 1,
    )
    found = await repository.page(connection, twin_id, wanted=wanted)
    listed, next_cursor = cursors.split(found, query.limit)
    return Page(tasks=listed, next_cursor=next_cursor)


async def read(connection: Connection, twin_id: UUID, *, task_id: UUID) -> StoredTask:
    """Return one of the twin's tasks.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        task_id: The task.

    Raises:
        NotFoundError: There is none, it was deleted, or it belongs to another twin.
    """
    task = await tasks.find(connection, twin_id, task_id=task_id)
    if task is None:
        raise NotFoundError(_no_such(task_id))
    return task


async def add(connection: Connection, twin_id: UUID, *, task: TaskIn) -> StoredTask:
    """Add a task, and return it.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        task: What is to be done.
    """
    values = await _columns(connection, twin_id, said=task.model_dump())
    return await read(connection, twin_id, task_id=await repository.add(connection, twin_id, values=values))


async def change(connection: Connection, twin_id: UUID, *, task_id: UUID, wanted: TaskChange) -> StoredTask:
    """Change what is named of a task, and return it; what is so already counts for no change.

    Args:
        connection: A transaction.
        twin_id: Whose it must be.
        task_id: The task.
        wanted: What to change.

    Raises:
        NotFoundError: There is none, it was deleted, or it belongs to another twin.
    """
    task = await _locked(connection, twin_id, task_id)
    named = wanted.model_dump(exclude_unset=True)
    said = {name: value for name, value in named.items() if not _is_so(task, name, value)}
    if not said:
        return task
    await repository.change(connection, task_id, values=await _columns(connection, twin_id, said=said))
    return await read(connection, twin_id, task_id=task_id)


async def complete(connection: Connection, twin_id: UUID, *, task_id: UUID) -> StoredTask:
    """Mark a task as done, and return it; doing so twice is no error.

    Args:
        connection: A transaction.
        twin_id: Whose it must be.
        task_id: The task.

    Raises:
        NotFoundError: There is none, it was deleted, or it belongs to another twin.
    """
    return await _move(connection, twin_id, task_id=task_id, status="done", at={"completed_at": clock.now()})


async def reopen(connection: Connection, twin_id: UUID, *, task_id: UUID) -> StoredTask:
    """Mark a task as not done, and return it; doing so twice is no error.

    Args:
        connection: A transaction.
        twin_id: Whose it must be.
        task_id: The task.

    Raises:
        NotFoundError: There is none, it was deleted, or it belongs to another twin.
    """
    return await _move(connection, twin_id, task_id=task_id, status="open", at={"completed_at": None})


async def remove(connection: Connection, twin_id: UUID, *, task_id: UUID) -> None:
    """Delete a task; its row stays until the other side of a sync knows.

    Args:
        connection: A transaction.
        twin_id: Whose it must be.
        task_id: The task.

    Raises:
        NotFoundError: There is none, it was deleted, or it belongs to another twin.
    """
    await _locked(connection, twin_id, task_id)
    await repository.change(connection, task_id, values={"status": "deleted", "deleted_at": clock.now()})


async def _move(
    connection: Connection, twin_id: UUID, *, task_id: UUID, status: str, at: Mapping[str, datetime | None]
) -> StoredTask:
    task = await _locked(connection, twin_id, task_id)
    if task.status == status:
        return task
    await repository.change(connection, task_id, values={"status": status, **at})
    return await read(connection, twin_id, task_id=task_id)


async def _locked(connection: Connection, twin_id: UUID, task_id: UUID) -> StoredTask:
    if not await repository.lock(connection, twin_id, task_id=task_id):
        raise NotFoundError(_no_such(task_id))
    return await read(connection, twin_id, task_id=task_id)


def _is_so(task: StoredTask, name: str, value: object) -> bool:
    if name == "labels":
        return list(task.labels) == value
    if name == "due_on":
        # A day in place of a moment is a change, also when it is the moment's.
        return task.due_on == value and task.due_at is None
    if name == "project" and isinstance(value, str) and task.project is not None:
        return key_of(task.project) == key_of(value)
    return bool(getattr(task, name) == value)


async def _columns(connection: Connection, twin_id: UUID, *, said: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in said.items() if name not in {"due_on", "due_at", "project"}}
    if "project" in said:
        name = said["project"]
        columns["project_id"] = None if name is None else await projects.ensure(connection, twin_id, name=name)
    if said.get("due_at") is not None:
        zone = (await local_time(connection, twin_id)).zone
        return {**columns, "due_at": said["due_at"], "due_on": _day(said, zone), "due_zone": zone.key}
    if "due_on" in said:
        return {**columns, "due_on": said["due_on"], "due_at": None, "due_zone": None}
    return {**columns, "due_at": None, "due_zone": None} if "due_at" in said else columns


def _day(said: Mapping[str, Any], zone: ZoneInfo) -> date:
    at: datetime = said["due_at"]
    return at.astimezone(zone).date()


def _no_such(task_id: UUID) -> str:
    return f"There is no task {task_id}."
