"""The queries about jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from backend.db.models import Job
from backend.db.unit_of_work import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredJob:
    """A job as it is stored.

    Attributes:
        id: The job.
        kind: What it does.
        status: queued, running, done or failed.
        attempts: How often it was started.
        error: What last went wrong, for people; None when nothing did.
        created_at: When it was queued.
        finished_at: When it was done or given up; None before.
        result: Who has done it, by "commit", "version" and "worker_id"; None before.
    """

    id: UUID
    kind: str
    status: str
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    result: Mapping[str, str] | None


_FIND = select(
    Job.id, Job.kind, Job.status, Job.attempts, Job.error, Job.created_at, Job.finished_at, Job.result
).where(Job.id == bindparam("job_id"), Job.twin_id == bindparam("twin_id"))


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
