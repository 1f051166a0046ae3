"""Recurring jobs: each tick is one job, however many workers there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from backend.core.cron import next_after
from backend.core.errors import ConflictError
from backend.core.logging import get_logger
from backend.db.models import JobSchedule
from backend.db.unit_of_work import Connection
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob

_logger = get_logger(__name__)


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

    def __post_init__(self) -> None:
        """Refuse times that could never come."""
        try:
            next_after(self.cron, self.timezone, datetime.now(UTC))
        except ValueError as error:
            msg = f"schedule {self.name!r}: {self.cron!r} {error}"
            raise ValueError(msg) from None


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


async def tick(connection: Connection, kinds: tuple[str, ...], *, names: Iterable[str]) -> list[UUID]:
    """Enqueue one job for each schedule whose time has come, and return their ids.

    Ticks that were missed while no worker ran are made up for by one. A schedule that cannot tick is said once and left
    alone; the others tick.

    Args:
        connection: A transaction; what it enqueues and the next ticks are committed together.
        kinds: The kinds that this worker knows.
        names: The schedules that this build declares. What another build has declared is for that one: it stays in the
            table, so that a rollback finds it, and ticks no more when that build is gone.
    """
    due = (
        select(JobSchedule, func.now().label("now"))
        .where(JobSchedule.is_enabled, JobSchedule.next_at <= func.now())
        .where(JobSchedule.kind.in_(kinds), JobSchedule.name.in_(tuple(names)))
        .with_for_update(skip_locked=True)
    )
    ticked = [await _try_tick(connection, row) for row in (await connection.execute(due)).mappings().all()]
    return [job_id for job_id in ticked if job_id is not None]


async def _try_tick(connection: Connection, row: RowMapping) -> UUID | None:
    try:
        async with connection.begin_nested():
            return await _enqueue_tick(connection, row)
    except (ValueError, ConflictError) as error:
        _say_once(row["name"], str(error))
    except IntegrityError as error:
        _say_once(row["name"], f"its job is refused by the database ({type(error.orig).__name__})")
    return None


@lru_cache(maxsize=1_000)
def _say_once(name: str, reason: str) -> None:
    _logger.error("schedule.cannot_tick", name=name, reason=reason, effect="skipped until its row is mended")


async def _enqueue_tick(connection: Connection, row: RowMapping) -> UUID:
    name, tick_at = row["name"], row["next_at"]
    following = next_after(row["cron"], row["timezone"], max(tick_at, row["now"]))
    moved = update(JobSchedule).where(JobSchedule.name == name).values(next_at=following, last_at=tick_at)
    await connection.execute(moved)
    # The key says the same as the row lock does: one job per tick.
    key = f"schedule:{name}:{tick_at.astimezone(UTC).isoformat()}"
    job = NewJob(kind=row["kind"], twin_id=row["twin_id"], idempotency_key=key, payload=row["payload"])
    return await enqueue(connection, job)
