"""Enqueuing: a row in the caller's transaction."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from backend.db.models import Job
from backend.db.unit_of_work import Connection
from backend.jobs.records import ENVELOPE, NewJob

PARAMETERS = ("job_kind", "job_twin_id", "job_key", "job_payload")


def insert_statement() -> ReturningInsert[UUID]:
    """Return the statement that enqueues, for a caller that joins it to its own.

    An existing idempotency key returns the existing job. Its parameters come from `parameters`.
    """
    statement = insert(Job).values(
        kind=bindparam("job_kind"),
        twin_id=bindparam("job_twin_id"),
        idempotency_key=bindparam("job_key"),
        payload=bindparam("job_payload"),
        envelope=ENVELOPE,
    )
    # Not DO NOTHING: that returns no row, and a second look may miss a row that is committed in between.
    return statement.on_conflict_do_update(
        index_elements=[Job.idempotency_key], set_={"idempotency_key": statement.excluded.idempotency_key}
    ).returning(Job.id)


def parameters(job: NewJob) -> dict[str, object]:
    """Return the parameters of `insert_statement`.

    Args:
        job: The job to enqueue.
    """
    return dict(zip(PARAMETERS, (job.kind, job.twin_id, job.idempotency_key, dict(job.payload)), strict=True))


_ENQUEUE = insert_statement()


async def enqueue(connection: Connection, job: NewJob) -> UUID:
    """Queue a job in the caller's transaction, and return its id or that of its twin by key.

    Args:
        connection: The caller's transaction.
        job: The job.
    """
    return (await connection.execute(_ENQUEUE, parameters(job))).scalar_one()
