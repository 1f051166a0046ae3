"""The service's job queue, in its own tables. The one place that knows them: docs/jobs.md says what they promise."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import UndefinedColumn, UndefinedTable
from psycopg.rows import dict_row

from gonogo.adapters.postgres import connected
from gonogo.errors import NoGoError
from gonogo.model import JobLine, Outcomes, QueuedJob, QueueFacts, QueueForm, QueueRow, Reader, Secret

# Each part reads one partial index, so that finished jobs cost nothing, however many there are.
_DEPTH = """
SELECT kind, CASE WHEN status = 'running' THEN 'running' WHEN due_at <= now() THEN 'ready' ELSE 'delayed' END AS state,
  count(*) AS count, min(due_at) AS since
FROM jobs WHERE status IN ('queued', 'running') GROUP BY 1, 2
UNION ALL
SELECT kind, 'dead', count(*), min(finished_at) FROM jobs WHERE status IN ('dead', 'failed') GROUP BY 1
"""
_DEPTH_WITH_AGE = f"""
SELECT kind, state, count,
  CASE WHEN state IN ('ready', 'dead') THEN extract(epoch FROM now() - since)::float8 END AS oldest_s
FROM ({_DEPTH}) AS depth ORDER BY kind, state
"""  # noqa: S608  # both are words of this module
_ENDED = """
SELECT count(*) AS ended, count(*) FILTER (WHERE status IN ('dead', 'failed')) AS failed FROM (
  SELECT status FROM jobs WHERE finished_at > now() - interval '1 hour' AND status <> 'cancelled'
  ORDER BY finished_at DESC LIMIT 1000) AS latest
"""
# What no job before then was written in, an earlier version cannot be trusted to read; without such jobs nobody knows.
_NEWER = """
SELECT CASE WHEN old.envelope IS NOT NULL THEN (SELECT count(*) FROM jobs
  WHERE status IN ('queued', 'running') AND created_at >= %s AND envelope > old.envelope) END AS count
FROM (SELECT max(envelope) AS envelope FROM jobs WHERE created_at < %s) AS old
"""
_OUTCOMES = """
SELECT count(*) AS ended, count(*) FILTER (WHERE status IN ('dead', 'failed')) AS failed FROM jobs
WHERE finished_at > now() - make_interval(secs => %s) AND status <> 'cancelled'
"""
_FORMS = """
SELECT kind, envelope, count(*) AS count FROM jobs WHERE status IN ('queued', 'running') GROUP BY 1, 2 ORDER BY 1, 2
"""
# By way of the whole row, so that an older schema has workers that do not say.
_READERS = """
SELECT to_jsonb(worker) -> 'report' AS report FROM worker_heartbeats AS worker
WHERE state = 'running' AND beat_at > now() - interval '30 seconds'
"""
_COLUMNS = (
    "id::text, kind, status, attempts, max_attempts, created_at, due_at, finished_at,"
    " coalesce(worker_id, '') AS worker_id, coalesce(error, '') AS error"
)
_FIND = f"SELECT {_COLUMNS} FROM jobs WHERE id = %s"  # noqa: S608  # as above
_DEAD = f"SELECT {_COLUMNS} FROM jobs WHERE status IN ('dead', 'failed') ORDER BY finished_at DESC LIMIT %s"  # noqa: S608
_LOG = """
SELECT at, attempt, event, coalesce(worker_id, '') AS worker_id, coalesce(detail, '') AS detail
FROM job_logs WHERE job_id = %s ORDER BY id
"""
_NOTED = """
INSERT INTO job_logs (job_id, attempt, event, detail) SELECT id, attempts, %(event)s, %(who)s FROM changed
"""
# Attempts go on counting, and a running attempt finds its fence gone: the same rules as the service's own.
_RETRY = f"""
WITH changed AS (
  UPDATE jobs SET status = 'queued', due_at = now(), finished_at = NULL, max_attempts = attempts + 5
  WHERE id = %(id)s AND status IN ('dead', 'failed') RETURNING id, attempts)
{_NOTED}"""  # noqa: S608  # as above
_CANCEL = f"""
WITH changed AS (
  UPDATE jobs SET status = 'cancelled', error = 'cancelled by an operator', finished_at = now()
  WHERE id = %(id)s AND status IN ('queued', 'running') RETURNING id, attempts)
{_NOTED}"""  # noqa: S608  # as above


class SqlJobs:
    """The job queue of an environment, through its database."""

    def __init__(self, url: Secret, *, operator: str) -> None:
        """Prepare; nothing is contacted yet."""
        self._url = url
        self._operator = operator

    def facts(self) -> QueueFacts:
        """Return what the queue holds."""
        with _queue(self._url) as connection:
            rows = _rows(connection, _DEPTH_WITH_AGE)
            (ended,) = _rows(connection, _ENDED)
            forms, beats = _rows(connection, _FORMS), _rows(connection, _READERS)
        return QueueFacts(
            rows=tuple(QueueRow(**row) for row in rows),
            ended=ended["ended"],
            failed=ended["failed"],
            forms=tuple(QueueForm(**row) for row in forms),
            readers=_readers([row["report"] for row in beats]),
        )

    def newer_than(self, at: datetime) -> int | None:
        """Return how many open jobs have a newer form than every job before a time; None when there is none to tell."""
        with _queue(self._url) as connection:
            (row,) = _rows(connection, _NEWER, at, at)
        return None if row["count"] is None else int(row["count"])

    def outcomes(self, seconds: float) -> Outcomes:
        """Return what became of the jobs that ended within the last so many seconds, on the database's clock."""
        with _queue(self._url) as connection:
            (row,) = _rows(connection, _OUTCOMES, seconds)
        return Outcomes(**row)

    def find(self, job_id: UUID) -> QueuedJob | None:
        """Return a job with its log; None when there is none."""
        with _queue(self._url) as connection:
            found = _rows(connection, _FIND, job_id)
            log = tuple(JobLine(**row) for row in _rows(connection, _LOG, job_id))
        return QueuedJob(**found[0], log=log) if found else None

    def dead(self, limit: int) -> tuple[QueuedJob, ...]:
        """Return the jobs that were given up last, newest first, without their logs."""
        with _queue(self._url) as connection:
            return tuple(QueuedJob(**row) for row in _rows(connection, _DEAD, limit))

    def retry(self, job_id: UUID) -> bool:
        """Queue a dead job again; return whether it was dead."""
        return self._change(_RETRY, job_id, "retried")

    def cancel(self, job_id: UUID) -> bool:
        """Cancel a job that is not over; return whether there was one."""
        return self._change(_CANCEL, job_id, "cancelled")

    def _change(self, statement: str, job_id: UUID, event: str) -> bool:
        values = {"id": job_id, "event": event, "who": f"by {self._operator}"}
        with _queue(self._url) as connection:
            return connection.execute(statement.encode(), values).rowcount == 1


@contextmanager
def _queue(url: Secret) -> Iterator[psycopg.Connection]:
    """Open a connection; a database without these tables and columns is a refusal of its own."""
    with connected(url) as connection:
        try:
            yield connection
        except (UndefinedTable, UndefinedColumn) as error:
            message = f"the database's schema is older than this job queue: {error.diag.message_primary}"
            why = "nothing can be said of its jobs, and nothing was changed"
            hint = "invoke migrate.plan --env NAME"
            raise NoGoError("schema-too-old", message, where=url.name, why=why, hint=hint) from None


def _readers(reports: Sequence[Any]) -> tuple[Reader, ...] | None:  # JSON of the service's
    """Return what workers can run; None where there is none, or one does not say."""
    try:
        found = tuple(Reader(envelope=int(each["envelope"]), kinds=tuple(each["kinds"])) for each in reports)
    except (TypeError, KeyError, ValueError):
        return None
    return found or None


def _rows(connection: psycopg.Connection, statement: str, *values: object) -> list[Mapping[str, Any]]:
    """Return a query's rows by column."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(statement.encode(), values))
