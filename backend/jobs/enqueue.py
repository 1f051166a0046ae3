"""Enqueuing: a row in the caller's transaction."""

from uuid import UUID

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from backend.db.models import Job
from backend.db.unit_of_work import Connection
from backend.jobs.records import NewJob


def insert_statement() -> ReturningInsert[UUID]:
    """Return the statement that enqueues, for a caller that joins it to its own.

    An existing idempotency key returns the existing job. Its parameters come from `parameters`.
    """
    run_at = bindparam("job_run_at", type_=Job.run_at.type)
    statement = insert(Job).values(
        kind=bindparam("job_kind"),
        twin_id=bindparam("job_twin_id"),
        idempotency_key=bindparam("job_key"),
        payload=bindparam("job_payload"),
        envelope=bindparam("job_envelope"),
        priority=bindparam("job_priority"),
        max_attempts=bindparam("job_max_attempts"),
        run_at=run_at,
        due_at=func.coalesce(run_at, func.now()),
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
    return {
        "job_kind": job.kind,
        "job_twin_id": job.twin_id,
        "job_key": job.idempotency_key,
        "job_payload": dict(job.payload),
        "job_envelope": job.envelope,
        "job_priority": job.priority,
        "job_max_attempts": job.max_attempts,
        "job_run_at": job.run_at,
    }


_ENQUEUE = insert_statement()


async def enqueue(connection: Connection, job: NewJob) -> UUID:
    """Queue a job in the caller's transaction, and return its id or that of its twin by key.

    Args:
        connection: The caller's transaction.
        job: The job.
    """
    return (await connection.execute(_ENQUEUE, parameters(job))).scalar_one()
