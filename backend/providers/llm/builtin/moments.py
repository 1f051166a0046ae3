"""Days and moments of a person: their zone, their today, and what a wall clock means there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """A day, perhaps a moment of it, and where a text says so.

    Attributes:
        day: In the owner's zone.
        at: Aware, UTC; None without a time of day.
        recurrence: How it recurs, in words; None is once.
        spans: Where the text says it; begin and end of each place.
        deadline: It was said with "by", "until", "before" or "due".
        due: It was said with "due".
    """

    day: date
    at: datetime | None = None
    recurrence: str | None = None
    spans: tuple[Span, ...] = ()
    deadline: bool = False
    due: bool = False


def zone_of(name: str) -> tzinfo:
    """Return a zone, UTC for a name that nobody knows.

    Args:
        name: An IANA name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def local(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment on the clock of a zone; unchanged where calendars end.

    Args:
        moment: Aware.
        zone: Whose clock.
    """
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        return moment


def at_clock(day: date, clock: time, *, zone: tzinfo) -> datetime:
    """Return the moment of a wall clock, in UTC.

    A time that a change of the clocks leaves out is as much later as the clocks go forward; of two, it is the first.

    Args:
        day: In the zone.
        clock: What the clock shows.
        zone: Whose clock.

    Raises:
        OverflowError: The calendar ends before.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the day of a moment in a zone.

    Args:
        moment: Aware.
        zone: Whose calendar.
    """
    return local(moment, zone).date()


def next_clock(clock: time, now: datetime) -> datetime:
    """Return the next moment at which a clock shows a time, in UTC.

    Args:
        clock: What the clock shows.
        now: Aware, in the zone of the clock.
    """
    zone = now.tzinfo or UTC
    today = at_clock(now.date(), clock, zone=zone)
    return today if today > now else at_clock(now.date() + timedelta(days=1), clock, zone=zone)
