"""The rules about jobs."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from backend.core.build import Build
from backend.core.errors import ConflictError, NotFoundError
from backend.db.unit_of_work import Connection
from backend.features.jobs import repository
from backend.features.jobs.repository import StoredJob, Wanted
from backend.features.jobs.schemas import JobsQuery
from backend.jobs.enqueue import enqueue
from backend.jobs.records import ATTEMPTS, NewJob
from backend.web import cursors

CANARY = "canary"


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some of a twin's jobs.

    Attributes:
        jobs: Newest first.
        next_cursor: Where the next page begins; None on the last one.
    """

    jobs: list[StoredJob]
    next_cursor: str | None


async def queue_canary(connection: Connection, twin_id: UUID, *, build: Build, replica: str) -> UUID:
    """Queue a job without side effects that says who has queued it, and return its id.

    Args:
        connection: The caller's transaction.
        twin_id: The twin that it belongs to.
        build: What the process that queues it was built from.
        replica: Which process that is.
    """
    origin = {"commit": build.commit, "build_id": build.id, "replica": replica}
    payload = {"origin": origin}
    job = NewJob(kind=CANARY, twin_id=twin_id, idempotency_key=f"{CANARY}:{uuid4()}", payload=payload)
    return await enqueue(connection, job)


async def read(connection: Connection, twin_id: UUID, *, job_id: UUID) -> StoredJob:
    """Return one of the twin's jobs.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        job_id: The job.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
    """
    job = await repository.find(connection, job_id, twin_id=twin_id)
    if job is None:
        msg = f"There is no job {job_id}."
        raise NotFoundError(msg)
    return job


async def browse(connection: Connection, twin_id: UUID, *, query: JobsQuery) -> Page:
    """Return one page of the twin's jobs.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        query: Which of them.

    Raises:
        InvalidCursorError: The cursor was not made by a page before.
    """
    # One more than asked for tells whether there is a next page.
    before = cursors.place_of(query.cursor)
    wanted = Wanted(statuses=tuple(query.status), kind=query.kind, before=before, limit=query.limit + 1)
    found = await repository.page(connection, wanted, twin_id=twin_id)
    jobs, next_cursor = cursors.split(found, query.limit)
    return Page(jobs=jobs, next_cursor=next_cursor)


async def cancel(connection: Connection, twin_id: UUID, *, job_id: UUID) -> StoredJob:
    """Cancel one of the twin's jobs, and return it; what a running attempt has written is not committed.

    Args:
        connection: A connection on which each statement commits.
        twin_id: Whose it must be.
        job_id: The job.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
        ConflictError: It is over.
    """
    is_cancelled = await repository.cancel(connection, job_id, twin_id=twin_id)
    job = await read(connection, twin_id, job_id=job_id)
    if not is_cancelled and job.status != "cancelled":
        msg = f"Job {job_id} is {job.status}; only a job that is queued or running can be cancelled."
        raise ConflictError(msg)
    return job


async def retry(connection: Connection, twin_id: UUID, *, job_id: UUID) -> StoredJob:
    """Queue one of the twin's dead jobs again, and return it.

    Args:
        connection: A connection on which each statement commits.
        twin_id: Whose it must be.
        job_id: The job.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
        ConflictError: It is not dead.
    """
    is_retried = await repository.retry(connection, job_id, twin_id=twin_id, granted=ATTEMPTS)
    job = await read(connection, twin_id, job_id=job_id)
    if not is_retried:
        msg = f"Job {job_id} is {job.status}; only a job that is dead can be retried."
        raise ConflictError(msg)
    return job
