"""Endings: how an attempt ends, each write fenced by status, attempt and worker, each with its line in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Interval, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.core.errors import LeaseLostError
from backend.db.unit_of_work import Connection
from backend.jobs.records import ClaimedJob


def _fenced(change: str, event: str, *, detail: str = "NULL::text", **types: object) -> TextClause:
    statement = text(
        f"""
        WITH held AS (
          UPDATE jobs SET {change}
          WHERE id = :id AND status = 'running' AND attempts = :attempt AND worker_id = :worker_id
          RETURNING id, attempts, worker_id
        )
        INSERT INTO job_logs (job_id, attempt, event, worker_id, detail)
        SELECT id, attempts, '{event}', worker_id, {detail} FROM held
        """  # noqa: S608  # both are words of this module
    )
    return statement.bindparams(*(bindparam(name, type_=each) for name, each in types.items()))  # type: ignore[arg-type]


_QUEUED = "status = 'queued', error = :reason, due_at = now() + :delay"
_FINISH = _fenced("status = 'done', result = :result, error = NULL, finished_at = now()", "done", result=JSONB())
_DIE = _fenced("status = 'dead', error = :reason, finished_at = now()", "dead", detail=":reason", reason=Text())
_PUT_BACK = _fenced(_QUEUED, "failed", detail=":reason", reason=Text(), delay=Interval())
# Its attempt was none of the job's doing, so that it gets another one.
_HAND_BACK = _fenced(
    f"{_QUEUED}, max_attempts = max_attempts + 1", "handed_back", detail=":reason", reason=Text(), delay=Interval()
)
_REPORT = _fenced("progress = :progress", "progress", detail=":note", progress=JSONB(), note=Text())


@dataclass(frozen=True, kw_only=True, slots=True)
class Setback:
    """Why an attempt did not succeed, and what follows.

    Attributes:
        reason: What went wrong, for people.
        delay: Until the next attempt; None when there is none.
    """

    reason: str
    delay: timedelta | None


async def finish(connection: Connection, job: ClaimedJob, *, result: Mapping[str, str]) -> None:
    """Mark the job done in the transaction that holds its effects.

    Args:
        connection: The job's transaction.
        job: The job.
        result: Who has done it.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled; nothing of this attempt may be committed.
    """
    await _write(connection, job, _FINISH, {"result": dict(result)})


async def set_back(connection: Connection, job: ClaimedJob, setback: Setback) -> None:
    """Queue a failed job again, or give it up.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        setback: Why, and what follows.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled.
    """
    if setback.delay is None:
        await _write(connection, job, _DIE, {"reason": setback.reason})
    else:
        await _write(connection, job, _PUT_BACK, {"reason": setback.reason, "delay": setback.delay})


async def hand_back(connection: Connection, job: ClaimedJob, *, reason: str) -> None:
    """Queue a job again at once, without counting the attempt.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        reason: Why, for people.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled.
    """
    await _write(connection, job, _HAND_BACK, {"reason": reason, "delay": timedelta()})


async def report(connection: Connection, job: ClaimedJob, *, percent: int, note: str) -> None:
    """Tell people how far a job is.

    Args:
        connection: A connection on which each statement commits.
        job: The job.
        percent: From 0 to 100.
        note: A few words, without a secret.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled.
    """
    await _write(connection, job, _REPORT, {"progress": {"percent": percent, "note": note}, "note": note})


async def _write(connection: Connection, job: ClaimedJob, statement: TextClause, values: Mapping[str, object]) -> None:
    fence = {"id": job.id, "attempt": job.attempt, "worker_id": job.worker_id}
    if (await connection.execute(statement, {**fence, **values})).rowcount != 1:
        msg = f"job {job.id} is cancelled or held by another worker; attempt {job.attempt} is void"
        raise LeaseLostError(msg)
