"""Counting days, weeks and months."""

from calendar import monthrange
from datetime import date, timedelta

WEEK = 7
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
MONTHS = 12
# From one leap day to the next, also when a century leaves one out.
_YEARS_TO_A_LEAP_DAY = 8


def next_weekday(weekday: int, today: date, *, today_counts: bool = False) -> date:
    """Return the next day with a name.

    Args:
        weekday: Monday is 0.
        today: The owner's.
        today_counts: Whether today is one, if it has that name.
    """
    distance = (weekday - today.weekday()) % WEEK
    return today + timedelta(days=distance if distance or today_counts else WEEK)


def next_of_month(number: int, today: date) -> date | None:
    """Return the next day of a month with a number, today included; None when no month has it.

    Args:
        number: From 1.
        today: The owner's.
    """
    for ahead in range(MONTHS + 1):
        first = add_months(today.replace(day=1), ahead)
        if 1 <= number <= last_of(first).day and first.replace(day=number) >= today:
            return first.replace(day=number)
    return None


def next_of_year(month: int, day: int, *, today: date) -> date | None:
    """Return the next day with a month and a number, today included; None when no year has it.

    Args:
        month: From 1.
        day: From 1.
        today: The owner's.
    """
    if not 1 <= month <= MONTHS:
        return None
    years = range(today.year, today.year + _YEARS_TO_A_LEAP_DAY + 1)
    days = (date(year, month, day) for year in years if 1 <= day <= monthrange(year, month)[1])
    return next((each for each in days if each >= today), None)


def add_months(day: date, months: int) -> date:
    """Return a day some months later, on the last of the month when that is shorter.

    Args:
        day: From when.
        months: How many.

    Raises:
        ValueError: The calendar ends before.
    """
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(day: date, number: int, *, unit: str) -> date:
    """Return a day some days, weeks, months or years later.

    Args:
        day: From when.
        number: How many.
        unit: Of what; one or many of them.

    Raises:
        ValueError: The calendar ends before.
        OverflowError: The same.
    """
    unit = unit.lower().rstrip("s")
    if unit in {"day", "week"}:
        return day + timedelta(days=number * (WEEK if unit == "week" else 1))
    return add_months(day, number * (MONTHS if unit == "year" else 1))


def last_of(day: date) -> date:
    """Return the last day of a month.

    Args:
        day: Of that month.
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def monday_after(day: date) -> date:
    """Return the Monday of the next week.

    Args:
        day: Of this week.
    """
    return day + timedelta(days=WEEK - day.weekday())


def end_of_week(day: date) -> date:
    """Return the Friday of a week, on the weekend its Sunday.

    Args:
        day: Of that week.
    """
    return day + timedelta(days=(FRIDAY if day.weekday() <= FRIDAY else SUNDAY) - day.weekday())
