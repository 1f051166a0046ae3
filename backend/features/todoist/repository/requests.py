"""The queries about what was asked for, and what there is to tell about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from backend.db.unit_of_work import Connection
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob

_LOCK = 7_283_411


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How many there are.

    Attributes:
        linked: Tasks that both sides have.
        unlinked: Open tasks here that Todoist does not have yet.
        pending_commands: Commands whose end is not known.
        refused_commands: Commands that Todoist has refused, and that are not tried again before a reconcile.
    """

    linked: int
    unlinked: int
    pending_commands: int
    refused_commands: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A command that Todoist has refused."""

    type: str
    title: str | None
    error: str


_SERIALISE = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:twin))")
_WAITING = text(
    """
    SELECT id FROM jobs WHERE twin_id = :twin_id AND kind = :kind AND status IN ('queued', 'running')
    AND (NOT :is_confirmed OR payload @> '{"confirm": true}') ORDER BY created_at LIMIT 1
    """
)
_ACTIVE = text(
    """
    SELECT bool_or(status = 'running') AS is_running, count(*) AS number FROM jobs
    WHERE kind IN ('todoist.sync', 'todoist.reconcile') AND status IN ('queued', 'running')
    AND (twin_id = :twin_id OR twin_id IS NULL)
    """
)
_TOTALS = text(
    """
    SELECT (SELECT count(*) FROM todoist_links WHERE twin_id = :twin_id) AS linked,
      (SELECT count(*) FROM tasks WHERE twin_id = :twin_id AND status = 'open'
        AND NOT EXISTS (SELECT FROM todoist_links WHERE task_id = tasks.id)) AS unlinked,
      count(*) FILTER (WHERE state = 'new') AS pending_commands,
      count(*) FILTER (WHERE state = 'refused') AS refused_commands
    FROM todoist_commands WHERE twin_id = :twin_id
    """
)
_REFUSED = text(
    """
    SELECT said.type, coalesce(tasks.title, said.args ->> 'name') AS title, coalesce(said.error, '') AS error
    FROM todoist_commands AS said LEFT JOIN tasks ON tasks.id = said.task_id
    WHERE said.twin_id = :twin_id AND said.state = 'refused' ORDER BY said.number DESC LIMIT 10
    """
)
_NEXT = text(
    "SELECT kind, next_at FROM job_schedules WHERE is_enabled AND kind IN ('todoist.sync', 'todoist.reconcile')"
)


async def enqueue_once(
    connection: Connection, twin_id: UUID, *, kind: Literal["todoist.sync", "todoist.reconcile"], is_confirmed: bool
) -> UUID:
    """Queue a job unless one of its kind is waiting or running, and return that one or the new one.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        kind: What is asked for.
        is_confirmed: Whether a mass deletion is agreed to; a job that is not does not stand for one that is.
    """
    await connection.execute(_SERIALISE, {"lock": _LOCK, "twin": str(twin_id)})
    values = {"twin_id": twin_id, "kind": kind, "is_confirmed": is_confirmed}
    waiting: UUID | None = await connection.scalar(_WAITING, values)
    if waiting is not None:
        return waiting
    payload = {"confirm": True} if is_confirmed else {}
    job = NewJob(kind=kind, twin_id=twin_id, idempotency_key=f"{kind}:{uuid4()}", payload=payload)
    return await enqueue(connection, job)


async def active(connection: Connection, twin_id: UUID) -> Literal["running", "pending"] | None:
    """Return whether a job is under way, or waits; None when there is none.

    Args:
        connection: An open connection.
        twin_id: Whose it is.
    """
    row = (await connection.execute(_ACTIVE, {"twin_id": twin_id})).one()
    if row.is_running:
        return "running"
    return "pending" if row.number else None


async def totals(connection: Connection, twin_id: UUID) -> Totals:
    """Return how many there are.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    return Totals(**(await connection.execute(_TOTALS, {"twin_id": twin_id})).mappings().one())


async def refused(connection: Connection, twin_id: UUID) -> list[Refused]:
    """Return the newest commands that Todoist has refused, not more than ten.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    return [Refused(**row) for row in (await connection.execute(_REFUSED, {"twin_id": twin_id})).mappings()]


async def next_ticks(connection: Connection) -> dict[str, datetime]:
    """Return by kind when the next one is due by schedule.

    Args:
        connection: An open connection.
    """
    return {row.kind: row.next_at for row in await connection.execute(_NEXT)}
