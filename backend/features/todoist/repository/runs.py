"""The queries about runs: how each ended, and what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.db.unit_of_work import Connection

KEPT = timedelta(days=30)
_MOST = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a run ended.

    Attributes:
        state: done, failed or blocked.
        counts: How many of what was done.
        drift: What a comparison found; empty when there was none.
        lost: Changes made here that gave way.
        error: For people; None when all is well.
    """

    state: str
    counts: Mapping[str, int]
    drift: Mapping[str, int]
    lost: Sequence[Mapping[str, Any]]
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """A run as it is stored."""

    id: UUID
    job_id: UUID | None
    kind: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    drift: Mapping[str, int]
    lost: Sequence[Mapping[str, Any]]
    error: str | None


_END = text(
    "UPDATE todoist_runs SET state = :state, finished_at = now(), counts = :counts, drift = :drift, lost = :lost,"
    " error = :error WHERE id = :run_id AND state = 'running'"
).bindparams(*(bindparam(name, type_=JSONB()) for name in ("counts", "drift", "lost")))
_COLUMNS = "id, job_id, kind, state, started_at, finished_at, counts, drift, lost, error"
_LATEST = text(
    f"""
    SELECT DISTINCT ON (kind, is_done) {_COLUMNS} FROM (
      SELECT *, state = 'done' AS is_done FROM todoist_runs WHERE twin_id = :twin_id
      ORDER BY started_at DESC LIMIT :most
    ) AS recent ORDER BY kind, is_done, started_at DESC
    """  # noqa: S608  # the columns are words of this module
).columns(counts=JSONB(), drift=JSONB(), lost=JSONB())
# The latest good one of each kind is kept, however old.
_FORGET_RUNS = text(
    """
    DELETE FROM todoist_runs WHERE id IN (
      SELECT id FROM todoist_runs AS old WHERE twin_id = :twin_id AND finished_at < now() - :after
      AND EXISTS (SELECT FROM todoist_runs AS newer WHERE newer.twin_id = old.twin_id AND newer.kind = old.kind
        AND newer.state = 'done' AND newer.started_at > old.started_at)
      ORDER BY started_at LIMIT :most)
    """
).bindparams(bindparam("after", type_=Interval()))
_FORGET_COMMANDS = text(
    """
    DELETE FROM todoist_commands WHERE uuid IN (
      SELECT uuid FROM todoist_commands WHERE twin_id = :twin_id AND state <> 'new' AND settled_at < now() - :after
      ORDER BY number LIMIT :most)
    """
).bindparams(bindparam("after", type_=Interval()))


async def end(connection: Connection, run_id: UUID, ending: Ending) -> None:
    """Write down how a run ended; one that was superseded keeps what was written of it then.

    Args:
        connection: An open connection.
        run_id: The run.
        ending: How.
    """
    values = {name: getattr(ending, name) for name in ("state", "error")}
    documents = {
        "counts": dict(ending.counts),
        "drift": dict(ending.drift),
        "lost": [dict(each) for each in ending.lost],
    }
    await connection.execute(_END, {"run_id": run_id, **values, **documents})


async def latest(connection: Connection, twin_id: UUID) -> list[StoredRun]:
    """Return of each kind the latest run that was done, and the latest that was not.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    rows = await connection.execute(_LATEST, {"twin_id": twin_id, "most": _MOST})
    return [StoredRun(**row) for row in rows.mappings()]


async def forget(connection: Connection, twin_id: UUID) -> None:
    """Delete old runs and settled commands, some at a time.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    for statement in (_FORGET_RUNS, _FORGET_COMMANDS):
        await connection.execute(statement, {"twin_id": twin_id, "after": KEPT, "most": _MOST})
