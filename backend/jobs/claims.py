"""Claims: how workers share the rows, each write fenced by attempt and worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.engine import Row

from backend.core.errors import LeaseLostError
from backend.db.models import Job
from backend.db.unit_of_work import Connection
from backend.jobs.records import ENVELOPE, ClaimedJob

_OPEN = ("queued", "running")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a worker asks for.

    Attributes:
        worker_id: Who asks.
        kinds: The kinds that it can run; others are left to a worker that knows them.
        lease: How long it keeps a job without renewing.
    """

    worker_id: str
    kinds: tuple[str, ...]
    lease: timedelta


async def claim_due(connection: Connection, claim: Claim, *, limit: int) -> list[ClaimedJob]:
    """Take up to `limit` jobs that are due, or whose lease has run out.

    Args:
        connection: A connection on which each statement commits.
        claim: Who asks, and for what.
        limit: How many at most, at least 1.
    """
    return await _claim(connection, claim, due=_due(claim).order_by(Job.due_at).limit(limit))


async def claim_one(connection: Connection, claim: Claim, *, job_id: UUID) -> list[ClaimedJob]:
    """Take one job; nothing when it is over, not due, or held by another worker.

    Args:
        connection: A connection on which each statement commits.
        claim: Who asks, and for what.
        job_id: The job.
    """
    return await _claim(connection, claim, due=_due(claim).where(Job.id == job_id))


def _due(claim: Claim) -> Select[UUID]:
    return (
        select(Job.id)
        .where(
            Job.status.in_(_OPEN),
            Job.due_at <= func.now(),
            Job.kind.in_(claim.kinds),
            Job.envelope <= ENVELOPE,
        )
        .with_for_update(skip_locked=True)
    )


async def _claim(connection: Connection, claim: Claim, *, due: Select[UUID]) -> list[ClaimedJob]:
    # Materialized, or a plan may run the choice again and take more than asked.
    chosen = due.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    statement = (
        update(Job)
        .where(Job.id == chosen.c.id)
        .values(
            status="running",
            attempts=Job.attempts + 1,
            due_at=func.now() + claim.lease,
            worker_id=claim.worker_id,
        )
        .returning(Job.id, Job.kind, Job.twin_id, Job.payload, Job.attempts, Job.max_attempts)
    )
    return [_claimed(row, claim.worker_id) for row in (await connection.execute(statement)).all()]


def _claimed(row: Row[UUID, str, UUID, dict[str, object], int, int], worker_id: str) -> ClaimedJob:
    return ClaimedJob(
        id=row.id,
        kind=row.kind,
        twin_id=row.twin_id,
        payload=row.payload,
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        worker_id=worker_id,
    )


async def finish(connection: Connection, job: ClaimedJob, *, result: Mapping[str, str]) -> None:
    """Mark the job done in the transaction that holds its effects.

    Args:
        connection: The job's transaction.
        job: The job.
        result: Who has done it.

    Raises:
        LeaseLostError: Another worker holds the job; nothing of this attempt may be committed.
    """
    values = {"status": "done", "result": dict(result), "error": None, "finished_at": func.now()}
    await _write(connection, job, values=values)


async def fail(connection: Connection, job: ClaimedJob, *, reason: str) -> None:
    """Give a job up.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        reason: What went wrong, for people.

    Raises:
        LeaseLostError: Another worker holds the job.
    """
    await _write(connection, job, values={"status": "failed", "error": reason, "finished_at": func.now()})


async def put_back(connection: Connection, job: ClaimedJob, *, reason: str, delay: timedelta) -> None:
    """Queue a job again.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        reason: What went wrong, for people.
        delay: How long to wait before the next attempt.

    Raises:
        LeaseLostError: Another worker holds the job.
    """
    await _write(connection, job, values={"status": "queued", "error": reason, "due_at": func.now() + delay})


async def renew(connection: Connection, claim: Claim, *, job_ids: frozenset[UUID]) -> int:
    """Prolong the leases of jobs under way, and return how many are still held.

    Args:
        connection: A connection on which each statement commits.
        claim: Who holds them.
        job_ids: The jobs.
    """
    statement = (
        update(Job)
        .where(Job.id.in_(job_ids), Job.status == "running", Job.worker_id == claim.worker_id)
        .values(due_at=func.now() + claim.lease)
    )
    return (await connection.execute(statement)).rowcount


async def _write(connection: Connection, job: ClaimedJob, *, values: Mapping[str, object]) -> None:
    if (await connection.execute(_fenced(job).values(values))).rowcount != 1:
        msg = f"job {job.id} is held by another worker; attempt {job.attempt} is void"
        raise LeaseLostError(msg)


def _fenced(job: ClaimedJob) -> Update:
    return update(Job).where(
        Job.id == job.id,
        Job.status == "running",
        Job.attempts == job.attempt,
        Job.worker_id == job.worker_id,
    )
