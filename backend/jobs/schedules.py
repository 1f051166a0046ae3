"""Recurring jobs: each tick is one job, however many workers there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from backend.db.models import JobSchedule
from backend.db.unit_of_work import Connection
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob

_BATCH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A job that recurs.

    Attributes:
        name: Unique; what people call it.
        kind: What it runs.
        cron: Five fields, as in crontab(5).
        timezone: The IANA zone that the fields are meant in.
        payload: What the handler needs.
        twin_id: Whose it is; None for the service's own.
    """

    name: str
    kind: str
    cron: str
    timezone: str = "UTC"
    payload: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    twin_id: UUID | None = None


def next_after(cron: str, timezone: str, moment: datetime) -> datetime:
    """Return a cron expression's next tick after a moment, in UTC.

    Args:
        cron: Five fields.
        timezone: The zone that they are meant in; where clocks change, each tick still comes once.
        moment: Aware.

    Raises:
        CronSimError: It is no cron expression.
    """
    return next(CronSim(cron, moment.astimezone(ZoneInfo(timezone)))).astimezone(UTC)


async def keep(connection: Connection, schedules: Iterable[Schedule]) -> None:
    """Make the table say what the code says; a schedule whose times are unchanged keeps its next tick.

    Args:
        connection: A transaction.
        schedules: All that this build knows.
    """
    now: datetime = await connection.scalar(select(func.now())) or datetime.now(UTC)
    for each in schedules:
        statement = insert(JobSchedule).values(
            name=each.name,
            kind=each.kind,
            cron=each.cron,
            timezone=each.timezone,
            payload=dict(each.payload),
            twin_id=each.twin_id,
            next_at=next_after(each.cron, each.timezone, now),
        )
        new = statement.excluded
        is_same = (JobSchedule.cron == new.cron) & (JobSchedule.timezone == new.timezone)
        said = {name: new[name] for name in ("kind", "cron", "timezone", "payload", "twin_id")}
        next_at = case((is_same, JobSchedule.next_at), else_=new.next_at)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=[JobSchedule.name], set_={**said, "next_at": next_at})
        )


async def tick(connection: Connection, kinds: tuple[str, ...]) -> list[UUID]:
    """Enqueue one job for each schedule whose time has come, and return their ids.

    Ticks that were missed while no worker ran are made up for by one.

    Args:
        connection: A transaction; what it enqueues and the next ticks are committed together.
        kinds: The kinds that this worker knows.
    """
    due = (
        select(JobSchedule, func.now().label("now"))
        .where(JobSchedule.is_enabled, JobSchedule.next_at <= func.now(), JobSchedule.kind.in_(kinds))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    return [await _enqueue_tick(connection, row) for row in (await connection.execute(due)).mappings().all()]


async def _enqueue_tick(connection: Connection, row: RowMapping) -> UUID:
    name, tick_at = row["name"], row["next_at"]
    following = next_after(row["cron"], row["timezone"], max(tick_at, row["now"]))
    moved = update(JobSchedule).where(JobSchedule.name == name).values(next_at=following, last_at=tick_at)
    await connection.execute(moved)
    # The key says the same as the row lock does: one job per tick.
    key = f"schedule:{name}:{tick_at.astimezone(UTC).isoformat()}"
    job = NewJob(kind=row["kind"], twin_id=row["twin_id"], idempotency_key=key, payload=row["payload"])
    return await enqueue(connection, job)
