"""The rules about the person who asks."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.db.unit_of_work import Connection
from backend.features.me import repository
from backend.features.me.repository import Person
from backend.features.me.schemas import MeChange
from backend.knowledge.zones import zone_of


async def read(connection: Connection, user_id: UUID) -> Person:
    """Return who asks.

    Args:
        connection: An open connection.
        user_id: Who.
    """
    return await repository.find(connection, user_id)


async def change(connection: Connection, user_id: UUID, *, wanted: MeChange) -> Person:
    """Change what is known of who asks, and return it.

    A task whose time of day is that of wherever its owner is keeps it: three o'clock stays three o'clock.

    Args:
        connection: A transaction.
        user_id: Who.
        wanted: What to change.
    """
    former, new = zone_of((await repository.hold(connection, user_id)).timezone), zone_of(wanted.timezone)
    floating = await repository.floating(connection, user_id)
    moved = {key: _same_time(moment, former, new=new) for key, moment in floating.items()}
    await repository.shift(connection, moved)
    return await repository.move(connection, user_id, timezone=wanted.timezone)


def _same_time(moment: datetime, former: ZoneInfo, *, new: ZoneInfo) -> datetime:
    return moment.astimezone(former).replace(tzinfo=new).astimezone(UTC)
