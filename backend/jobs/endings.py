"""Endings: how an attempt ends, each write fenced by status, attempt and worker, each with its line in the log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from backend.core.errors import LeaseLostError
from backend.db.unit_of_work import Connection, execute_lean
from backend.jobs.records import ClaimedJob

# The status is written so that no partial index suits: the planner takes running jobs for few, and would read all of
# them, and the dead entries that a busy table leaves, instead of finding the row by its id.
_HELD = "id = $1 AND status || '' = 'running' AND attempts = $2 AND worker_id = $3"

# What is written of an error or a note at most, in bytes.
_LONGEST = 2_000


def _fenced(change: str, event: str, *, detail: str = "NULL") -> str:
    return f"""
        WITH held AS (
          UPDATE jobs SET {change}
          WHERE {_HELD}
          RETURNING id, attempts, worker_id
        )
        INSERT INTO job_logs (job_id, attempt, event, worker_id, detail)
        SELECT id, attempts, '{event}', worker_id, {detail} FROM held
        """  # noqa: S608  # all are words of this module


_QUEUED = "status = 'queued', error = $4, due_at = now() + $5::interval"
_FINISH = _fenced("status = 'done', result = $4, error = NULL, finished_at = now()", "done")
_DIE = _fenced("status = 'dead', error = $4, finished_at = now()", "dead", detail="$4")
# Only what fails uses attempts up; those whose worker was lost are given back here.
_PUT_BACK = _fenced(f"{_QUEUED}, max_attempts = max_attempts + $6::bigint", "failed", detail="$4")
# Its attempt was none of the job's doing, so that it gets another one.
_HAND_BACK = _fenced(f"{_QUEUED}, max_attempts = max_attempts + 1", "handed_back", detail="$4")
_REPORT = _fenced("progress = $4", "progress", detail="$5::text")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setback:
    """Why an attempt did not succeed, and what follows.

    Attributes:
        reason: What went wrong, for people.
        delay: Until the next attempt; None when there is none.
        lost: How many attempts before this one were lost with their workers, since the last one that failed.
    """

    reason: str
    delay: timedelta | None
    lost: int = 0


async def finish(connection: Connection, job: ClaimedJob, *, result: Mapping[str, str]) -> None:
    """Mark the job done in the transaction that holds its effects.

    Args:
        connection: The job's transaction.
        job: The job.
        result: Who has done it.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled; nothing of this attempt may be committed.
    """
    await _write(connection, job, _FINISH, json.dumps(dict(result)))


async def set_back(connection: Connection, job: ClaimedJob, setback: Setback) -> None:
    """Queue a failed job again, or give it up.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        setback: Why, and what follows.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled.
    """
    reason = _writable(setback.reason)
    if setback.delay is None:
        await _write(connection, job, _DIE, reason)
    else:
        await _write(connection, job, _PUT_BACK, reason, setback.delay, setback.lost)


async def hand_back(connection: Connection, job: ClaimedJob, *, reason: str) -> None:
    """Queue a job again at once, without counting the attempt.

    Args:
        connection: A transaction without the job's effects.
        job: The job.
        reason: Why, for people.

    Raises:
        LeaseLostError: Another worker holds the job, or it was cancelled.
    """
    await _write(connection, job, _HAND_BACK, reason, timedelta())


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
    note = _writable(note)
    await _write(connection, job, _REPORT, json.dumps({"percent": percent, "note": note}), note)


def _writable(text: str) -> str:
    # Half of a surrogate pair cannot be sent, a NUL cannot be stored, and nobody reads a megabyte.
    kept = text[:_LONGEST].replace("\x00", "?").encode(errors="replace")
    return kept[:_LONGEST].decode(errors="ignore")


async def _write(connection: Connection, job: ClaimedJob, sql: str, *values: str | timedelta | int) -> None:
    if await execute_lean(connection, sql, job.id, job.attempt, job.worker_id, *values) != 1:
        msg = f"job {job.id} is cancelled or held by another worker; attempt {job.attempt} is void"
        raise LeaseLostError(msg)
