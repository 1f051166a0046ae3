"""Heartbeats: what a worker says of itself, and what is known of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Interval, bindparam, cast, column, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import JSONB, Insert, aggregate_order_by, insert
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.types import Float, Text

from backend.db.models import WorkerHeartbeat
from backend.db.unit_of_work import Connection
from backend.jobs.records import WorkerIdentity

_SESSION = "worker "
_UNDEFINED_COLUMN = "42703"
_NOTHING: Mapping[str, object] = MappingProxyType({})
_SAID = ("build_id", "fingerprint", "secrets", "envelope", "kinds", "in_flight", "stop")
# By way of the whole row, so that it is null where the schema has been taken back.
_REPORT = literal_column("to_jsonb(worker_heartbeats) -> 'report'", JSONB())
_VERSION = table("alembic_version", column("version_num", Text()))


# As the role that the workers act as, whichever of two they log in as while credentials are rotated.
_END_SILENT = text(
    """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(session.pid))
    FROM pg_stat_activity AS session
    JOIN worker_heartbeats AS worker ON session.application_name = :prefix || worker.id
    WHERE worker.beat_at < now() - :silence AND session.state_change < now() - :silence
    AND session.state ^@ 'idle in transaction' AND session.datname = current_database()
    AND pg_has_role(session.usesysid, current_user, 'MEMBER')
    """
).bindparams(bindparam("silence", type_=Interval()), bindparam("prefix", _SESSION, type_=Text()))


class WorkerState(StrEnum):
    """Where a worker is in its life."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """What a worker last said.

    Attributes:
        id: The worker.
        version: The short commit of its build.
        commit: The commit of its build.
        host: The machine or container.
        pid: The process.
        state: Where it was in its life.
        started_at: Its first heartbeat.
        beat_at: Its last one.
        age_s: Seconds since the last one, by the database's clock.
        schema_revision: The database's revision as the worker saw it.
        build_id: Which build of its commit it is; None, as the rest, where it did not say.
        fingerprint: A keyed hash of its settings.
        secrets: A keyed hash of each secret that it uses, by its variable.
        envelope: The newest form of payloads that it understands.
        kinds: The kinds of jobs that it can run.
        in_flight: Jobs in hand.
        stop: What became of those in hand when it was told to stop; None before.
    """

    id: str
    version: str
    commit: str
    host: str
    pid: int
    state: str
    started_at: datetime
    beat_at: datetime
    age_s: float
    schema_revision: str | None
    build_id: str | None = None
    fingerprint: str | None = None
    secrets: Mapping[str, str] | None = None
    envelope: int | None = None
    kinds: list[str] | None = None
    in_flight: int | None = None
    stop: Mapping[str, Any] | None = None


async def beat(
    connection: Connection, worker: WorkerIdentity, *, state: WorkerState, report: Mapping[str, object] = _NOTHING
) -> None:
    """Write a worker's heartbeat, in one statement.

    Args:
        connection: A connection on which each statement commits.
        worker: Who is alive.
        state: Where it is in its life.
        report: What it can read and has in hand, and how it stopped, by the names of `Heartbeat`.
    """
    said = {"build_id": worker.build.id, "fingerprint": worker.fingerprint, "secrets": dict(worker.secrets), **report}
    try:
        await connection.execute(_beat(worker, state, report=said))
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _UNDEFINED_COLUMN:
            raise
        # The schema was taken back under it: it says what fits until its own release is taken back too.
        await connection.execute(_beat(worker, state, report=None))


def _beat(worker: WorkerIdentity, state: WorkerState, *, report: Mapping[str, object] | None) -> Insert:
    revision = select(
        func.string_agg(_VERSION.c.version_num, aggregate_order_by(literal_column("','"), _VERSION.c.version_num))
    ).scalar_subquery()
    more = {} if report is None else {"report": report}
    statement = insert(WorkerHeartbeat).values(
        id=worker.id,
        version=worker.build.version,
        commit=worker.build.commit,
        host=worker.host,
        pid=worker.pid,
        state=state.value,
        schema_revision=revision,
        **more,
    )
    return statement.on_conflict_do_update(
        index_elements=[WorkerHeartbeat.id],
        set_={name: statement.excluded[name] for name in ("state", "schema_revision", *more)} | {"beat_at": func.now()},
    )


def session_name(worker_id: str) -> str:
    """Return what the server calls a worker's sessions.

    Args:
        worker_id: The worker.
    """
    return _SESSION + worker_id


async def end_silent(connection: Connection, silence: timedelta) -> int:
    """End the open transactions of workers that froze, and return how many; what they had locked is free then.

    Args:
        connection: A connection on which each statement commits.
        silence: For how long a worker must not have beaten, nor its session done anything.
    """
    return await connection.scalar(_END_SILENT, {"silence": silence}) or 0


async def recent(connection: Connection) -> list[Heartbeat]:
    """Return the workers of the last hour, the latest heartbeat first.

    Args:
        connection: An open connection.
    """
    age = func.extract("epoch", func.now() - WorkerHeartbeat.beat_at)
    statement = (
        select(
            WorkerHeartbeat.id,
            WorkerHeartbeat.version,
            WorkerHeartbeat.commit,
            WorkerHeartbeat.host,
            WorkerHeartbeat.pid,
            WorkerHeartbeat.state,
            WorkerHeartbeat.started_at,
            WorkerHeartbeat.beat_at,
            cast(age, Float()).label("age_s"),
            WorkerHeartbeat.schema_revision,
            _REPORT.label("report"),
        )
        .where(WorkerHeartbeat.beat_at > func.now() - literal_column("interval '1 hour'"))
        .order_by(WorkerHeartbeat.beat_at.desc())
    )
    return [_heartbeat(row) for row in (await connection.execute(statement)).mappings()]


def _heartbeat(row: RowMapping) -> Heartbeat:
    said = row["report"] if isinstance(row["report"], dict) else {}
    known: dict[str, Any] = {name: said.get(name) for name in _SAID}
    return Heartbeat(**{**{name: value for name, value in row.items() if name != "report"}, **known})
