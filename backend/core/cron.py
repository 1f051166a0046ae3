"""Cron expressions: five fields, as in crontab(5)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS = 5


def next_after(cron: str, timezone: str, moment: datetime) -> datetime:
    """Return a cron expression's next tick after a moment, in UTC.

    Args:
        cron: Five fields.
        timezone: The IANA zone that they are meant in; where clocks change, each tick still comes once.
        moment: Aware.

    Raises:
        ValueError: It is no such expression or no such zone; says what is wrong.
    """
    if len(cron.split()) != _FIELDS:
        msg = f"must be five fields as in crontab(5): {len(cron.split())} found"
        raise ValueError(msg)
    try:
        return next(CronSim(cron, moment.astimezone(ZoneInfo(timezone)))).astimezone(UTC)
    except CronSimError as error:
        msg = f"must be five fields as in crontab(5): {error}"
    except (KeyError, ValueError, OSError):
        msg = f"is meant in {timezone!r}, which is no time zone that is known here"
    except StopIteration:
        msg = "has no tick at all"
    raise ValueError(msg)
