"""The rules about jobs."""

from uuid import UUID, uuid4

from backend.core.errors import NotFoundError
from backend.db.unit_of_work import Connection
from backend.features.jobs import repository
from backend.features.jobs.repository import StoredJob
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob

CANARY = "canary"


async def queue_canary(connection: Connection, twin_id: UUID) -> UUID:
    """Queue a job without side effects, and return its id.

    Args:
        connection: The caller's transaction.
        twin_id: The twin that it belongs to.
    """
    job = NewJob(kind=CANARY, twin_id=twin_id, idempotency_key=f"{CANARY}:{uuid4()}")
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
