"""Enqueuing: a row in the caller's transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, FromClause, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningInsert

from backend.core.errors import ConflictError
from backend.db.models import Job
from backend.db.unit_of_work import Connection
from backend.jobs.records import NewJob


class KeyTakenError(ConflictError):
    """An idempotency key already belongs to a job of another kind or twin."""

    slug = "job-key-taken"
    title = "The job's key is taken"


def insert_statement(after: FromClause | None = None) -> ReturningInsert[UUID]:
    """Return the statement that enqueues, for a caller that joins it to its own.

    An existing idempotency key returns the existing job, and no row when that job is of another kind or twin. Its
    parameters come from `parameters`.

    Args:
        after: A part of the caller's statement; one job for each of its rows. None is one job.
    """
    run_at = _parameter("job_run_at", Job.run_at)
    values = {
        "kind": _parameter("job_kind", Job.kind),
        "twin_id": _parameter("job_twin_id", Job.twin_id),
        "idempotency_key": _parameter("job_key", Job.idempotency_key),
        "payload": _parameter("job_payload", Job.payload),
        "envelope": _parameter("job_envelope", Job.envelope),
        "priority": _parameter("job_priority", Job.priority),
        "max_attempts": _parameter("job_max_attempts", Job.max_attempts),
        "run_at": run_at,
        "due_at": func.coalesce(run_at, func.now()),
    }
    if after is None:
        statement = insert(Job).values(values)
    else:
        statement = insert(Job).from_select(list(values), select(*values.values()).select_from(after))
    # Not DO NOTHING: that returns no row, and a second look may miss a row that is committed in between.
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[Job.idempotency_key],
        set_={"idempotency_key": new.idempotency_key},
        where=(Job.kind == new.kind) & Job.twin_id.is_not_distinct_from(new.twin_id),
    ).returning(Job.id)


def _parameter(name: str, column: InstrumentedAttribute[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=column.type)


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

    Raises:
        KeyTakenError: Its key belongs to a job of another kind or twin, whose id is nobody's business here.
    """
    job_id = (await connection.execute(_ENQUEUE, parameters(job))).scalar_one_or_none()
    if job_id is None:
        msg = (
            f"The key {job.idempotency_key!r} belongs to a job of another kind or owner."
            " Begin a key with its kind, and let it name its owner."
        )
        raise KeyTakenError(msg)
    return job_id
