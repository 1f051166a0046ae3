"""Claims: how workers share the rows, a few in one statement."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Interval, Text, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import RowMapping

from backend.db.models import LANE
from backend.db.unit_of_work import Connection
from backend.jobs.records import ENVELOPE, ClaimedJob

# Serialises claims of kinds with a limit; the second key is the kind.
_LIMIT_LOCK = 7_283_402
_NIL = UUID(int=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a worker asks for.

    Attributes:
        worker_id: Who asks.
        kinds: The kinds that it can run; others are left to a worker that knows them.
        lease: How long it keeps a job without renewing.
        envelope: The newest form of payloads that it understands.
    """

    worker_id: str
    kinds: tuple[str, ...]
    lease: timedelta
    envelope: int = ENVELOPE


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a worker got.

    Attributes:
        jobs: They are its own until their leases run out.
        takeovers: How many of them another worker had lost.
        waiting: Kinds with a limit that have due jobs; `claim_limited` takes them.
    """

    jobs: tuple[ClaimedJob, ...]
    takeovers: int = 0
    waiting: tuple[str, ...] = ()


# What is due. A lane is a twin's jobs of one priority: `lanes` hops from lane to lane in the index instead of reading
# the backlog, and each lane in which something is due gives its share; the lane that was served last comes last. So ten
# thousand jobs of one twin delay another's one job by no more than the claim under way. FOR UPDATE stands inside the
# share, so that workers that claim at once get different rows instead of nothing. Materialized, or a plan may run the
# choice again and take more than asked.
_CLAIM = f"""
WITH RECURSIVE lanes (priority, lane) AS (
  (SELECT priority, {LANE} FROM jobs WHERE status = 'queued' ORDER BY priority, {LANE} LIMIT 1)
  UNION ALL
  SELECT hop.priority, hop.lane FROM lanes CROSS JOIN LATERAL (
    SELECT priority, {LANE} AS lane FROM jobs
    WHERE status = 'queued' AND (priority, {LANE}) > (lanes.priority, lanes.lane)
    ORDER BY priority, {LANE} LIMIT 1) AS hop
), ready AS MATERIALIZED (
  SELECT priority, lane FROM lanes WHERE EXISTS (
    SELECT FROM jobs WHERE status = 'queued' AND jobs.priority = lanes.priority AND {LANE} = lanes.lane
    AND due_at <= now() AND kind = ANY(:kinds) AND envelope <= :envelope)
  LIMIT 1000
), lapsed AS MATERIALIZED (
  SELECT id, attempts AS lost_attempt, worker_id AS lost_by FROM jobs
  WHERE status = 'running' AND due_at <= now() AND kind = ANY(:kinds) AND envelope <= :envelope
  ORDER BY due_at LIMIT :wanted FOR UPDATE SKIP LOCKED
), shares AS MATERIALIZED (
  SELECT share.id, NULL::bigint AS lost_attempt, NULL::text AS lost_by
  FROM (
    SELECT priority, lane, count(*) OVER (PARTITION BY priority) AS rivals FROM ready
    ORDER BY priority, lane > :served DESC, lane) AS turns
  CROSS JOIN LATERAL (
    SELECT id FROM jobs
    WHERE status = 'queued' AND jobs.priority = turns.priority AND {LANE} = turns.lane
    AND due_at <= now() AND kind = ANY(:kinds) AND envelope <= :envelope
    ORDER BY due_at LIMIT greatest(1, :wanted / turns.rivals) FOR UPDATE SKIP LOCKED) AS share
  LIMIT :wanted - (SELECT count(*) FROM lapsed)
), chosen AS MATERIALIZED (
  SELECT * FROM lapsed UNION ALL SELECT * FROM shares
), taken AS (
  UPDATE jobs SET status = 'running', attempts = attempts + 1, due_at = now() + :lease, worker_id = :worker_id
  FROM chosen WHERE jobs.id = chosen.id
  RETURNING jobs.id, kind, twin_id, idempotency_key, payload, attempts, max_attempts, lost_attempt, lost_by
), logged AS (
  INSERT INTO job_logs (job_id, attempt, event, worker_id)
  SELECT id, lost_attempt, 'lost', lost_by FROM taken WHERE lost_attempt IS NOT NULL
  UNION ALL SELECT id, attempts, 'started', :worker_id FROM taken
)
SELECT id, kind, twin_id, idempotency_key, payload, attempts, max_attempts, lost_attempt IS NOT NULL AS is_takeover
FROM taken
"""  # noqa: S608  # the lane is a word of the model
_WAITING = """
UNION ALL SELECT NULL, limited, NULL, NULL, NULL, 0, 0, false FROM unnest(:limited) AS limited
WHERE EXISTS (SELECT FROM jobs WHERE status IN ('queued', 'running') AND due_at <= now()
  AND kind = limited AND envelope <= :envelope)
"""
_COLUMNS = {"payload": JSONB()}
_KINDS = ARRAY(Text())


def _statement(sql: str, *, limited: bool) -> TextClause:
    statement = text(sql).bindparams(
        bindparam("kinds", type_=_KINDS),
        bindparam("envelope", type_=BigInteger()),
        bindparam("wanted", type_=BigInteger()),
        bindparam("lease", type_=Interval()),
        bindparam("served", type_=Uuid()),
        bindparam("worker_id", type_=Text()),
    )
    return statement.bindparams(bindparam("limited", type_=_KINDS)) if limited else statement


_DUE = _statement(_CLAIM, limited=False).columns(**_COLUMNS)
_DUE_AND_WAITING = _statement(_CLAIM + _WAITING, limited=True).columns(**_COLUMNS)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock, hashtext(:kind))")
_RUNNING = text("SELECT count(*) FROM jobs WHERE status = 'running' AND due_at > now() AND kind = :kind")
_RENEW = text(
    "UPDATE jobs SET due_at = now() + :lease"
    " WHERE id = ANY(:job_ids) AND status = 'running' AND worker_id = :worker_id RETURNING id"
).bindparams(bindparam("lease", type_=Interval()), bindparam("job_ids", type_=ARRAY(Uuid())))


async def claim_due(
    connection: Connection, claim: Claim, *, limit: int, served: UUID | None = None, limited: tuple[str, ...] = ()
) -> Claimed:
    """Take up to `limit` jobs that are due, or whose lease has run out; each twin gets its share.

    Args:
        connection: A connection on which each statement commits.
        claim: Who asks, and for what.
        limit: How many at most, at least 1.
        served: The twin that was served last; its turn comes last.
        limited: Kinds with a limit, to be told of, not to be taken.
    """
    values = {**_values(claim, limit), "served": served or _NIL}
    if limited:
        found = await connection.execute(_DUE_AND_WAITING, {**values, "limited": list(limited)})
    else:
        found = await connection.execute(_DUE, values)
    rows = found.mappings().all()
    return Claimed(
        jobs=tuple(_claimed(row, claim.worker_id) for row in rows if row["id"] is not None),
        takeovers=sum(row["is_takeover"] for row in rows),
        waiting=tuple(row["kind"] for row in rows if row["id"] is None),
    )


async def claim_limited(connection: Connection, claim: Claim, *, at_once: int, limit: int) -> Claimed:
    """Take jobs of one kind, so that no more than so many run in all workers together.

    Args:
        connection: A transaction; it holds the kind's lock until it ends.
        claim: Who asks; names the one kind.
        at_once: How many may run.
        limit: How many at most now.
    """
    (kind,) = claim.kinds
    if not await connection.scalar(_TRY_LOCK, {"lock": _LIMIT_LOCK, "kind": kind}):
        return Claimed(jobs=())
    # Counted by a statement of its own: its snapshot must be younger than the lock.
    running: int = await connection.scalar(_RUNNING, {"kind": kind}) or 0
    if running >= at_once:
        return Claimed(jobs=())
    return await claim_due(connection, claim, limit=min(limit, at_once - running))


async def renew(connection: Connection, claim: Claim, *, job_ids: frozenset[UUID]) -> frozenset[UUID]:
    """Prolong the leases of jobs under way, and return those that are still held.

    Args:
        connection: A connection on which each statement commits.
        claim: Who holds them.
        job_ids: The jobs.
    """
    values = {"lease": claim.lease, "job_ids": list(job_ids), "worker_id": claim.worker_id}
    return frozenset((await connection.scalars(_RENEW, values)).all())


def _values(claim: Claim, limit: int) -> dict[str, object]:
    return {
        "worker_id": claim.worker_id,
        "kinds": list(claim.kinds),
        "envelope": claim.envelope,
        "lease": claim.lease,
        "wanted": limit,
    }


def _claimed(row: RowMapping, worker_id: str) -> ClaimedJob:
    return ClaimedJob(
        id=row["id"],
        kind=row["kind"],
        twin_id=row["twin_id"],
        idempotency_key=row["idempotency_key"],
        payload=row["payload"],
        attempt=row["attempts"],
        max_attempts=row["max_attempts"],
        worker_id=worker_id,
    )
