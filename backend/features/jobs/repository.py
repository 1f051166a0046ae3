"""The queries about jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, null, select, text, tuple_

from backend.db.models import Job
from backend.db.unit_of_work import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredJob:
    """A job as it is stored.

    Attributes:
        id: The job.
        kind: What it does.
        status: queued, running, done, dead, cancelled; failed is a previous release's word for dead.
        priority: Smaller runs sooner.
        attempts: How often it was started.
        max_attempts: How often it may be started.
        progress: "percent" and "note", as the job last said; None when it said nothing.
        error: What last went wrong, for people; None when nothing did.
        created_at: When it was queued.
        run_at: When it was asked to run; None is at once.
        next_try_at: When it may be started; None unless it waits.
        finished_at: When it came to its end; None before.
        result: Who has done it, by "commit", "version" and "worker_id", and how it was found; None before.
        origin: Which process has queued it; None where it was not written down.
    """

    id: UUID
    kind: str
    status: str
    priority: int
    attempts: int
    max_attempts: int
    progress: Mapping[str, Any] | None
    error: str | None
    created_at: datetime
    run_at: datetime | None
    next_try_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, str] | None
    origin: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which jobs to list.

    Attributes:
        statuses: In one of these states; all when empty.
        kind: Of this kind; None is any.
        before: Older than the job of this time and id; None begins with the newest.
        limit: How many at most.
    """

    statuses: tuple[str, ...]
    kind: str | None
    before: tuple[datetime, UUID] | None
    limit: int


_COLUMNS = (
    Job.id,
    Job.kind,
    Job.status,
    Job.priority,
    Job.attempts,
    Job.max_attempts,
    Job.progress,
    Job.error,
    Job.created_at,
    Job.run_at,
    case((Job.status == "queued", Job.due_at), else_=null()).label("next_try_at"),
    Job.finished_at,
    Job.result,
    case((Job.kind == "canary", Job.payload["origin"]), else_=null()).label("origin"),
)
_FIND = select(*_COLUMNS).where(Job.id == bindparam("job_id"), Job.twin_id == bindparam("twin_id"))
# The row alone: a running attempt finds its fence gone when it wants to commit, and so leaves no effect.
_CANCEL = text(
    """
    WITH ended AS (
      UPDATE jobs SET status = 'cancelled', error = 'cancelled by its owner', finished_at = now()
      WHERE id = :job_id AND twin_id = :twin_id AND status IN ('queued', 'running') RETURNING id, attempts
    )
    INSERT INTO job_logs (job_id, attempt, event, detail) SELECT id, attempts, 'cancelled', 'by its owner' FROM ended
    """
)
# Attempts go on counting: a number that comes again would let a stale attempt through the fence.
_RETRY = text(
    """
    WITH again AS (
      UPDATE jobs SET status = 'queued', due_at = now(), finished_at = NULL, max_attempts = attempts + :granted
      WHERE id = :job_id AND twin_id = :twin_id AND status IN ('dead', 'failed') RETURNING id, attempts
    )
    INSERT INTO job_logs (job_id, attempt, event, detail) SELECT id, attempts, 'retried', 'by its owner' FROM again
    """
)


async def find(connection: Connection, job_id: UUID, *, twin_id: UUID) -> StoredJob | None:
    """Return a twin's job, None when there is none.

    Args:
        connection: An open connection.
        job_id: The job.
        twin_id: Whose it must be.
    """
    result = await connection.execute(_FIND, {"job_id": job_id, "twin_id": twin_id})
    row = result.mappings().one_or_none()
    return None if row is None else StoredJob(**row)


async def page(connection: Connection, wanted: Wanted, *, twin_id: UUID) -> list[StoredJob]:
    """Return a twin's jobs, newest first.

    Args:
        connection: An open connection.
        wanted: Which of them.
        twin_id: Whose they must be.
    """
    statement = select(*_COLUMNS).where(Job.twin_id == twin_id)
    if wanted.statuses:
        statement = statement.where(Job.status.in_(wanted.statuses))
    if wanted.kind is not None:
        statement = statement.where(Job.kind == wanted.kind)
    if wanted.before is not None:
        statement = statement.where(tuple_(Job.created_at, Job.id) < tuple_(*wanted.before))
    ordered = statement.order_by(Job.created_at.desc(), Job.id.desc()).limit(wanted.limit)
    return [StoredJob(**row) for row in (await connection.execute(ordered)).mappings()]


async def cancel(connection: Connection, job_id: UUID, *, twin_id: UUID) -> bool:
    """Cancel a twin's job that is not over, and return whether there was one.

    Args:
        connection: A connection on which each statement commits.
        job_id: The job.
        twin_id: Whose it must be.
    """
    return (await connection.execute(_CANCEL, {"job_id": job_id, "twin_id": twin_id})).rowcount == 1


async def retry(connection: Connection, job_id: UUID, *, twin_id: UUID, granted: int) -> bool:
    """Queue a twin's dead job again, and return whether there was one.

    Args:
        connection: A connection on which each statement commits.
        job_id: The job.
        twin_id: Whose it must be.
        granted: How many attempts it gets.
    """
    values = {"job_id": job_id, "twin_id": twin_id, "granted": granted}
    return (await connection.execute(_RETRY, values)).rowcount == 1
