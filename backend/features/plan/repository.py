"""The queries of plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Interval, Text, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from backend.db.models import Job, Plan, Task
from backend.db.unit_of_work import Connection
from backend.features.plan.schemas import Source
from backend.knowledge import tasks
from backend.knowledge.tasks import StoredTask

# A day is over everywhere within two.
_RECENT = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPlan:
    """A twin's plan for one day.

    Attributes:
        items: "task_id", "priority", "estimate_minutes" and "reason" of each place, in order.
        source: Who made it.
        reason: Why the built-in rules made it; None when the provider did.
        created_at: When its tasks were read.
    """

    items: Sequence[dict[str, Any]]
    source: Source
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshes:
    """The refreshes of one day.

    Attributes:
        waiting: The one that waits; None when none does.
        number: How many there are or were.
    """

    waiting: UUID | None
    number: int


_PLAN = select(Plan.items, Plan.source, Plan.reason, Plan.created_at).where(
    Plan.twin_id == bindparam("twin_id"), Plan.day == bindparam("day")
)
_new = insert(Plan).values(
    twin_id=bindparam("twin_id"),
    day=bindparam("day", type_=Date()),
    items=bindparam("items", type_=JSONB()),
    source=bindparam("source"),
    reason=bindparam("reason"),
    created_at=bindparam("created_at"),
)
# A plan that was made of older tasks comes too late.
_KEEP = _new.on_conflict_do_update(
    index_elements=[Plan.twin_id, Plan.day],
    set_={name: _new.excluded[name] for name in ("items", "source", "reason", "created_at")},
    where=Plan.created_at <= _new.excluded.created_at,
)
_IS_STALE = select(
    select(Task.id)
    .where(Task.twin_id == bindparam("twin_id"), Task.status == "open", Task.updated_at > bindparam("since"))
    .exists()
)
_REFRESHES = select(
    func.min(cast(Job.id, Text())).filter(Job.status == "queued").label("waiting"), func.count().label("number")
).where(
    Job.twin_id == bindparam("twin_id"),
    Job.kind == bindparam("kind"),
    Job.payload["day"].astext == bindparam("day"),
    Job.created_at > func.now() - literal(_RECENT, Interval()),
)


async def find(connection: Connection, twin_id: UUID, *, day: date) -> StoredPlan | None:
    """Return a twin's plan for a day, None when there is none.

    Args:
        connection: An open connection.
        twin_id: Whose it is.
        day: In its owner's zone.
    """
    row = (await connection.execute(_PLAN, {"twin_id": twin_id, "day": day})).mappings().one_or_none()
    return None if row is None else StoredPlan(**row)


async def keep(connection: Connection, twin_id: UUID, *, day: date, plan: StoredPlan) -> None:
    """Keep a plan in place of the one before, unless that one is newer.

    Args:
        connection: The job's transaction.
        twin_id: Whose it is.
        day: In its owner's zone.
        plan: The plan.
    """
    values = {"items": list(plan.items), "source": plan.source, "reason": plan.reason, "created_at": plan.created_at}
    await connection.execute(_KEEP, {"twin_id": twin_id, "day": day, **values})


async def has_changed(connection: Connection, twin_id: UUID, *, since: datetime) -> bool:
    """Return whether an open task of a twin was made or changed since a moment.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        since: Aware.
    """
    return bool(await connection.scalar(_IS_STALE, {"twin_id": twin_id, "since": since}))


async def open_among(connection: Connection, twin_id: UUID, *, task_ids: Sequence[UUID]) -> dict[UUID, StoredTask]:
    """Return those tasks of a twin that are open, by id.

    Args:
        connection: An open connection.
        twin_id: Whose they must be.
        task_ids: Which.
    """
    statement = tasks.selected().where(Task.id.in_(task_ids), Task.twin_id == twin_id, Task.status == "open")
    found = (tasks.stored(row) for row in (await connection.execute(statement)).mappings())
    return {task.id: task for task in found}


async def refreshes(connection: Connection, twin_id: UUID, *, kind: str, day: date) -> Refreshes:
    """Return what there is of refreshes of a twin's day.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        kind: The kind of job that refreshes.
        day: In its owner's zone.
    """
    values = {"twin_id": twin_id, "kind": kind, "day": day.isoformat()}
    row = (await connection.execute(_REFRESHES, values)).one()
    return Refreshes(waiting=row.waiting and UUID(row.waiting), number=row.number)
