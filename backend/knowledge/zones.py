"""Time zones: when somebody's day begins."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import bindparam, func, select

from backend.core.errors import NotFoundError
from backend.db.models import Twin, User
from backend.db.unit_of_work import Connection

# Files that lie beside the zones, and a zone that is another one on each machine.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
NAMES = frozenset(available_timezones() - _NO_ZONES)
_OF_TWIN = (
    select(User.timezone, func.clock_timestamp().label("now"))
    .join(Twin, Twin.user_id == User.id)
    .where(Twin.id == bindparam("twin_id"))
)


def zone_of(name: str) -> ZoneInfo:
    """Return a zone; UTC for a name that this machine does not know.

    Args:
        name: An IANA name.
    """
    return ZoneInfo(name if name in NAMES else "UTC")


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalTime:
    """What time it is for somebody.

    Attributes:
        now: Aware, by the database's clock, as every row's.
        timezone: The IANA name of their zone.
    """

    now: datetime
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """Return their zone."""
        return zone_of(self.timezone)

    @property
    def day(self) -> date:
        """Return their today."""
        return self.now.astimezone(self.zone).date()


async def local_time(connection: Connection, twin_id: UUID) -> LocalTime:
    """Return what time it is for the owner of a twin.

    Args:
        connection: An open connection.
        twin_id: The twin.

    Raises:
        NotFoundError: There is no such twin.
    """
    row = (await connection.execute(_OF_TWIN, {"twin_id": twin_id})).one_or_none()
    if row is None:
        msg = f"There is no twin {twin_id}."
        raise NotFoundError(msg)
    return LocalTime(now=row.now, timezone=zone_of(row.timezone).key)
