"""Claims: how workers share the rows, a few in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Executable, Interval, Text, TextualSelect, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import RowMapping
from sqlalchemy.types import TypeEngine

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
        limited: Those of the kinds that have a limit; their turns are told of, and `claim_limited` takes them.
    """

    worker_id: str
    kinds: tuple[str, ...]
    lease: timedelta
    envelope: int = ENVELOPE
    limited: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a worker got.

    Attributes:
        jobs: In their turn; they are its own until their leases run out.
        takeovers: How many of them another worker had lost.
        waiting: Of the kinds with a limit, by kind, the jobs whose turn it is.
        served: The lane that the next claim begins behind; None where nothing was found.
    """

    jobs: tuple[ClaimedJob, ...]
    takeovers: int = 0
    waiting: Mapping[str, tuple[UUID, ...]] = field(default_factory=lambda: MappingProxyType({}))
    served: UUID | None = None


# A lane is a twin's jobs of one priority. Most of the time little is due, however much waits for its time or for others
# to run it: then `_FEW` looks at all of it, kind by kind, and deals out one job per lane and round. Rows are compared,
# which one index alone can do: the planner knows no kind's share, and would read through another one's backlog.
_NEAR = 200
_ALL = 1_000_000
_MORE = "more"
_FEW_TURNS = f"""
WITH near AS MATERIALIZED (
  SELECT due.* FROM unnest(:kinds) AS mine (kind) CROSS JOIN LATERAL (
    SELECT id, priority, {LANE} AS lane, due_at FROM jobs
    WHERE status = 'queued' AND (jobs.kind, due_at) BETWEEN (mine.kind, '-infinity') AND (mine.kind, now())
    AND envelope <= :envelope ORDER BY jobs.kind, due_at LIMIT {_NEAR}) AS due
), more AS MATERIALIZED (
  SELECT NULL::uuid AS lane FROM near OFFSET :most LIMIT 1
), turns AS MATERIALIZED (
  SELECT id FROM (
    SELECT id, priority, lane, row_number() OVER (PARTITION BY priority, lane ORDER BY due_at) AS round FROM near
  ) AS ranked
  WHERE NOT EXISTS (SELECT FROM more) ORDER BY priority, round, lane <= :served, lane
), shares AS (
  SELECT share.* FROM turns CROSS JOIN LATERAL (
    SELECT id, kind, twin_id, NULL::bigint AS lost_attempt, NULL::text AS lost_by FROM jobs
    WHERE jobs.id = turns.id AND status = 'queued' FOR UPDATE SKIP LOCKED) AS share
)"""  # noqa: S608  # the lane is a word of the model
# In a backlog `_MANY` hops from lane to lane in the index instead of reading it: level by level of priority, first the
# lanes behind the one that was served last (lap 0), then those up to it (lap 1). It stops as soon as it has found
# enough lanes in which something is due, or after so many hops; then the next claim goes on where it stopped. So ten
# thousand jobs of one twin delay another's one job by no more than the claim under way. FOR UPDATE stands inside the
# share, so that workers that claim at once get different rows instead of nothing. Materialized, or a plan may run the
# choice again and take more than asked.
_HOPS = 500
_LAST = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"
_DUE_IN_LANE = f"""
    status = 'queued' AND jobs.priority = turns.priority AND {LANE} = turns.lane
    AND due_at <= now() AND kind = ANY(:kinds) AND envelope <= :envelope"""
_MANY_TURNS = f"""
WITH RECURSIVE turns (priority, lap, lane, hops) AS (
  (SELECT priority, 0, :served, 1 FROM jobs WHERE status = 'queued' ORDER BY priority LIMIT 1)
  UNION ALL
  SELECT hop.*, hops + 1 FROM turns CROSS JOIN LATERAL (
    (SELECT priority, lap, {LANE} FROM jobs
     WHERE status = 'queued' AND jobs.priority = turns.priority
     AND {LANE} > turns.lane AND {LANE} <= CASE lap WHEN 0 THEN {_LAST} ELSE :served END
     ORDER BY {LANE} LIMIT 1)
    UNION ALL
    (SELECT priority, 1, {LANE} FROM jobs
     WHERE status = 'queued' AND jobs.priority = turns.priority AND lap = 0 AND {LANE} <= :served
     ORDER BY {LANE} LIMIT 1)
    UNION ALL
    (SELECT priority, 0, :served FROM jobs WHERE status = 'queued' AND jobs.priority > turns.priority
     ORDER BY priority LIMIT 1)
    LIMIT 1) AS hop
  WHERE hops < {_HOPS}
), ready AS MATERIALIZED (
  SELECT turns.*, due.is_there FROM turns LEFT JOIN LATERAL (
    SELECT true AS is_there FROM jobs WHERE {_DUE_IN_LANE} AND (lap = 1 OR turns.lane <> :served) LIMIT 1
  ) AS due ON true
  WHERE due.is_there OR hops = {_HOPS} LIMIT :wanted
), more AS (
  SELECT lane FROM ready WHERE hops = {_HOPS}
), shares AS (
  SELECT share.* FROM (
    SELECT priority, lane, count(*) OVER (PARTITION BY priority) AS rivals FROM ready WHERE is_there
    ORDER BY priority, lap, lane) AS turns
  CROSS JOIN LATERAL (
    SELECT id, kind, twin_id, NULL::bigint AS lost_attempt, NULL::text AS lost_by FROM jobs WHERE {_DUE_IN_LANE}
    ORDER BY due_at LIMIT (:wanted + rivals - 1) / rivals FOR UPDATE SKIP LOCKED) AS share
)"""  # noqa: S608  # as above
_ASKED_TURNS = """
WITH more AS (
  SELECT NULL::uuid AS lane WHERE false
), offered AS (
  SELECT id, kind, twin_id, CASE status WHEN 'running' THEN attempts END AS lost_attempt,
    CASE status WHEN 'running' THEN worker_id END AS lost_by
  FROM jobs WHERE id = ANY(:job_ids) AND status IN ('queued', 'running') AND due_at <= now()
  ORDER BY array_position(:job_ids, id) LIMIT :wanted FOR UPDATE SKIP LOCKED
)"""
_LAPSED = """, lapsed AS MATERIALIZED (
  SELECT id, kind, twin_id, attempts AS lost_attempt, worker_id AS lost_by FROM jobs
  WHERE status = 'running' AND due_at <= now() AND kind = ANY(:kinds) AND envelope <= :envelope
  ORDER BY due_at LIMIT :wanted FOR UPDATE SKIP LOCKED
), offered AS (
  SELECT * FROM lapsed UNION ALL (SELECT * FROM shares LIMIT :wanted - (SELECT count(*) FROM lapsed))
)"""
_TAKEN = """, chosen AS MATERIALIZED (
  SELECT offered.*, row_number() OVER () AS turn FROM offered
), taken AS (
  UPDATE jobs SET status = 'running', attempts = attempts + 1, due_at = now() + :lease, worker_id = :worker_id
  FROM chosen WHERE jobs.id = chosen.id AND NOT chosen.kind = ANY(:limited)
  RETURNING jobs.id, jobs.kind, jobs.twin_id, idempotency_key, payload, attempts, max_attempts,
    lost_attempt, lost_by, turn
), logged AS (
  INSERT INTO job_logs (job_id, attempt, event, worker_id)
  SELECT id, lost_attempt, 'lost', lost_by FROM taken WHERE lost_attempt IS NOT NULL
  UNION ALL SELECT id, attempts, 'started', :worker_id FROM taken
)
SELECT 'taken' AS row, id, kind, twin_id, idempotency_key, payload, attempts, max_attempts,
  lost_attempt IS NOT NULL AS is_takeover, turn FROM taken
UNION ALL SELECT 'waiting', id, kind, twin_id, NULL, NULL, NULL, NULL, false, turn FROM chosen
  WHERE kind = ANY(:limited)
UNION ALL SELECT 'more', NULL, NULL, lane, NULL, NULL, NULL, NULL, false, NULL FROM more
ORDER BY turn
"""
_TYPES: dict[str, TypeEngine[Any]] = {
    "kinds": ARRAY(Text()),
    "limited": ARRAY(Text()),
    "job_ids": ARRAY(Uuid()),
    "envelope": BigInteger(),
    "wanted": BigInteger(),
    "most": BigInteger(),
    "lease": Interval(),
    "served": Uuid(),
    "worker_id": Text(),
}


def _statement(offered: str) -> TextualSelect:
    sql = offered + _TAKEN
    types = [bindparam(name, type_=kind) for name, kind in _TYPES.items() if f":{name}" in sql]
    return text(sql).bindparams(*types).columns(payload=JSONB())


_FEW = _statement(_FEW_TURNS + _LAPSED)
_MANY = _statement(_MANY_TURNS + _LAPSED)
_ASKED = _statement(_ASKED_TURNS)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock, hashtext(:kind))")
_RUNNING = text("SELECT count(*) FROM jobs WHERE status = 'running' AND due_at > now() AND kind = :kind")
_RENEW = text(
    "UPDATE jobs SET due_at = now() + :lease"
    " WHERE id = ANY(:job_ids) AND status = 'running' AND worker_id = :worker_id RETURNING id"
).bindparams(bindparam("lease", type_=Interval()), bindparam("job_ids", type_=ARRAY(Uuid())))


async def claim_due(
    connection: Connection, claim: Claim, *, limit: int, served: UUID | None = None, is_backlog: bool = False
) -> Claimed:
    """Take up to `limit` jobs that are due, or whose lease has run out; each twin gets its share.

    Args:
        connection: A connection on which each statement commits.
        claim: Who asks, and for what.
        limit: How many at most, at least 1.
        served: What the claim before said; the twin that was served last comes last.
        is_backlog: Whether more is due than a look at all of it would be worth.
    """
    claiming = _Claiming(connection=connection, values={**_values(claim, limit), "served": served or _NIL})
    if not is_backlog:
        is_backlog = await claiming.take(_FEW, most=_NEAR - 1)
    if is_backlog and await claiming.take(_MANY):
        # The hop was cut short; so that nothing waits for it to come round, what is due longest fills the rest.
        await claiming.take(_FEW, most=_ALL)
    return claiming.claimed()


async def claim_limited(connection: Connection, claim: Claim, *, at_once: int, job_ids: tuple[UUID, ...]) -> Claimed:
    """Take jobs of one kind, so that no more than so many run in all workers together.

    Args:
        connection: A transaction; it holds the kind's lock until it ends.
        claim: Who asks; names the one kind.
        at_once: How many may run.
        job_ids: Those whose turn it is.
    """
    (kind,) = claim.kinds
    if not await connection.scalar(_TRY_LOCK, {"lock": _LIMIT_LOCK, "kind": kind}):
        return Claimed(jobs=())
    # Counted by a statement of its own: its snapshot must be younger than the lock.
    running: int = await connection.scalar(_RUNNING, {"kind": kind}) or 0
    room = max(0, at_once - running)
    claiming = _Claiming(connection=connection, values=_values(replace(claim, limited=()), min(room, len(job_ids))))
    if room:
        await claiming.take(_ASKED, job_ids=list(job_ids))
    return claiming.claimed()


async def renew(connection: Connection, claim: Claim, *, job_ids: frozenset[UUID]) -> frozenset[UUID]:
    """Prolong the leases of jobs under way, and return those that are still held.

    Args:
        connection: A connection on which each statement commits.
        claim: Who holds them.
        job_ids: The jobs.
    """
    values = {"lease": claim.lease, "job_ids": list(job_ids), "worker_id": claim.worker_id}
    return frozenset((await connection.scalars(_RENEW, values)).all())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claiming:
    connection: Connection
    values: dict[str, Any]
    rows: list[RowMapping] = field(default_factory=list)

    async def take(self, statement: Executable, **more: object) -> bool:
        """Run a statement for what is still wanted, and return whether it left something that is due."""
        wanted = self.values["wanted"] - sum(row["row"] != _MORE for row in self.rows)
        if wanted < 1:
            return False
        values = {**self.values, "wanted": wanted, **more}
        found = (await self.connection.execute(statement, values)).mappings().all()
        self.rows.extend(found)
        return any(row["row"] == _MORE for row in found)

    def claimed(self) -> Claimed:
        """Return what all statements have found."""
        taken = [row for row in self.rows if row["row"] == "taken"]
        waiting: dict[str, tuple[UUID, ...]] = {}
        for row in self.rows:
            if row["row"] == "waiting":
                waiting[row["kind"]] = (*waiting.get(row["kind"], ()), row["id"])
        return Claimed(
            jobs=tuple(_claimed(row, self.values["worker_id"]) for row in taken),
            takeovers=sum(row["is_takeover"] for row in taken),
            waiting=waiting,
            served=self._served(),
        )

    def _served(self) -> UUID | None:
        # Where a hop was cut short it goes on, whoever was served besides.
        cut = [row["twin_id"] for row in self.rows if row["row"] == _MORE and row["twin_id"] is not None]
        lanes = [row["twin_id"] or _NIL for row in self.rows if row["row"] != _MORE]
        return (cut or lanes or [None])[-1]


def _values(claim: Claim, limit: int) -> dict[str, Any]:
    return {
        "worker_id": claim.worker_id,
        "kinds": list(claim.kinds),
        "limited": list(claim.limited),
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
