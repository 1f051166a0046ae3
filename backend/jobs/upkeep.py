"""Upkeep: what any worker may do for the table now and then, harmless in many at once."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Interval, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from backend.db.unit_of_work import Connection
from backend.jobs.claims import Claim
from backend.jobs.counts import Depth

# So long a job must have waited before a worker that cannot run it puts it back: one that can is given the chance.
FOREIGN_AFTER = timedelta(seconds=5)
FOREIGN_DELAY = timedelta(seconds=15)
_BATCH = 1_000

_DEFER = text(
    """
    WITH chosen AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE status = 'queued' AND due_at <= now() - :after AND NOT (kind = ANY(:kinds) AND envelope <= :envelope)
      ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ), moved AS (
      UPDATE jobs SET due_at = now() + :delay * (1 + random()) FROM chosen WHERE jobs.id = chosen.id
      RETURNING kind, CASE WHEN kind = ANY(:kinds) THEN 'newer envelope' ELSE 'unknown kind' END AS reason
    )
    SELECT reason, kind, count(*) AS number FROM moved GROUP BY reason, kind
    """
).bindparams(
    bindparam("kinds", type_=ARRAY(Text())),
    bindparam("after", FOREIGN_AFTER, type_=Interval()),
    bindparam("delay", FOREIGN_DELAY, type_=Interval()),
    bindparam("batch", _BATCH),
)
_PURGE = text(
    """
    WITH old AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE finished_at < now() - CASE WHEN status IN ('dead', 'failed') THEN :dead_after ELSE :after END
      AND finished_at < now() - least(:after, :dead_after)
      ORDER BY finished_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ), logs AS (
      DELETE FROM job_logs USING old WHERE job_logs.job_id = old.id
    )
    DELETE FROM jobs USING old WHERE jobs.id = old.id
    """
).bindparams(
    bindparam("after", type_=Interval()), bindparam("dead_after", type_=Interval()), bindparam("batch", _BATCH)
)
_DEPTH = text(
    """
    SELECT kind, state, count(*) AS number,
      CASE WHEN state IN ('ready', 'dead') THEN extract(epoch FROM now() - min(since))::float8 ELSE 0 END AS oldest_s
    FROM (
      SELECT kind, due_at AS since,
        CASE WHEN status = 'running' THEN 'running' WHEN due_at <= now() THEN 'ready' ELSE 'delayed' END AS state
      FROM jobs WHERE status IN ('queued', 'running')
      UNION ALL SELECT kind, finished_at, 'dead' FROM jobs WHERE status IN ('dead', 'failed')
    ) AS open GROUP BY kind, state
    """
)
_FORGET = text("DELETE FROM worker_heartbeats WHERE beat_at < now() - :after").bindparams(
    bindparam("after", type_=Interval())
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long what is over is kept.

    Attributes:
        finished: For jobs that are done or cancelled, their logs, and heartbeats.
        dead: For jobs that were given up.
    """

    finished: timedelta
    dead: timedelta


async def defer_foreign(connection: Connection, claim: Claim) -> dict[tuple[str, str], int]:
    """Put jobs that this worker cannot run back for a while, and return how many by reason and kind.

    Args:
        connection: A connection on which each statement commits.
        claim: What this worker can run.
    """
    values = {"kinds": list(claim.kinds), "envelope": claim.envelope}
    return {(row.reason, row.kind): row.number for row in await connection.execute(_DEFER, values)}


async def depth(connection: Connection) -> list[Depth]:
    """Return how much is in the queue; it reads what is not over, and what was given up.

    Args:
        connection: An open connection.
    """
    rows = (await connection.execute(_DEPTH)).mappings()
    return [Depth(**{**row, "oldest_s": row["oldest_s"] or 0.0}) for row in rows]


async def purge(connection: Connection, retention: Retention, *, most: int) -> int:
    """Delete jobs that have been over for long, oldest first, and return how many.

    Args:
        connection: A transaction.
        retention: How long they are kept.
        most: About how many at most; the rest waits for the next time.
    """
    values = {"after": retention.finished, "dead_after": retention.dead}
    await connection.execute(_FORGET, {"after": retention.finished})
    deleted = 0
    while deleted < most:
        batch = (await connection.execute(_PURGE, values)).rowcount
        deleted += batch
        if batch < _BATCH:
            break
    return deleted
