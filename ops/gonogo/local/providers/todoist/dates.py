"""Due dates: their three forms on the wire, the words that name them, and how they recur."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from gonogo.local.providers.todoist.rejections import invalid

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORKDAYS = frozenset(range(5))
_ONCE = {"today": 0, "tod": 0, "tomorrow": 1, "tom": 1, "yesterday": -1, "next week": 7}
_EVERY = {"daily": "every day", "weekly": "every week", "monthly": "every month", "yearly": "every year"}
_CLOCK = re.compile(r"(?:\s+at)?\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm)?$")
_STEP = re.compile(r"every!?\s+(?:(\d+)|(other))?\s*(day|week|month|year)s?$")
_NONE = frozenset(("no date", "no due date", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """How a task recurs: by a step, or on days of the week.

    Attributes:
        unit: day, week, month or year.
        weekdays: from Monday, 0; empty where the step counts.
        from_completion: the step counts from the day of completion.
    """

    count: int = 1
    unit: str = "day"
    weekdays: frozenset[int] = frozenset()
    from_completion: bool = False

    def after(self, day: date) -> date:
        """Return the occurrence after a day."""
        if self.weekdays:
            return next(found for ahead in range(1, 8) if (found := day + timedelta(ahead)).weekday() in self.weekdays)
        if self.unit in {"day", "week"}:
            return day + timedelta(self.count * (7 if self.unit == "week" else 1))
        return _months_later(day, self.count * (12 if self.unit == "year" else 1))

    def first(self, today: date) -> date:
        """Return the first occurrence, which may be today."""
        return self.after(today - timedelta(1)) if self.weekdays else today

    def following(self, day: date, today: date) -> date:
        """Return the occurrence that comes when the one of a day is completed today."""
        found = self.after(today if self.from_completion else day)
        while found <= today:
            found = self.after(found)
        return found


def rule_of(words: str) -> Rule | None:
    """Return how something recurs; None when the words say once, or nothing that is understood."""
    text = _CLOCK.sub("", _EVERY.get(words.strip().lower(), words.strip().lower()))
    if not text.startswith(("every ", "every! ")):
        return None
    if found := _STEP.fullmatch(text):
        count = int(found[1] or (2 if found[2] else 1))
        return Rule(count=count, unit=found[3], from_completion=text.startswith("every!"))
    named = text.partition(" ")[2]
    if named in {"weekday", "workday"}:
        return Rule(weekdays=_WORKDAYS)
    days = [_weekday(word) for word in re.split(r"\s*(?:,|\band\b)\s*", named)]
    return Rule(weekdays=frozenset(day for day in days if day is not None)) if None not in days else None


def due_of(given: Mapping[str, Any] | None, *, now: datetime, timezone: str) -> dict[str, Any] | None:
    """Return a due date as the API shows it; None when there is none.

    Args:
        given: `date`, `string`, `timezone`, `lang`, each optional.
        now: in the owner's zone.
        timezone: the owner's zone.

    Raises:
        Rejected: it is no date, and no words that are understood.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise invalid("due", "not an object")
    words, on = str(given.get("string") or "").strip(), given.get("date")
    if words.lower() in _NONE and not on:
        return None
    rule = rule_of(words)
    written = _checked(on) if on else _written(words, rule, now)
    return {
        "date": written,
        "timezone": (given.get("timezone") or timezone) if written.endswith("Z") else None,
        "string": words or written,
        "lang": str(given.get("lang") or "en"),
        "is_recurring": rule is not None,
    }


def advanced(due: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return a recurring due date after its occurrence was completed today."""
    rule = rule_of(str(due["string"])) or Rule()
    written = str(due["date"])
    following = rule.following(date.fromisoformat(written[:10]), today)
    return {**due, "date": following.isoformat() + written[10:]}


def _checked(given: Any) -> str:  # JSON
    """Return a date in one of the three forms."""
    text = str(given)
    try:
        if DATE.fullmatch(text):
            date.fromisoformat(text)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        raise invalid("date", f"{text} is not a date") from None
    return text


def _written(words: str, rule: Rule | None, now: datetime) -> str:
    clock = _CLOCK.search(words.lower()) if not DATE.match(words) else None
    text = words[: clock.start()].strip() if clock else words
    day = rule.first(now.date()).isoformat() if rule else _once(text.lower(), now.date())
    return f"{day}T{_time(clock).isoformat()}" if clock else day


def _once(words: str, today: date) -> str:
    if words in _ONCE:
        return (today + timedelta(_ONCE[words])).isoformat()
    weekday = _weekday(words.removeprefix("next ").removeprefix("on "))
    if weekday is not None:
        return Rule(weekdays=frozenset((weekday,))).after(today).isoformat()
    if DATE.match(words):
        return _checked(words.upper().replace(" ", "T"))
    raise invalid("string", f"{words} is not understood")


def _time(found: re.Match[str]) -> time:
    hour = int(found[1]) % 12 + (12 if found[3] == "pm" else 0) if found[3] else int(found[1])
    try:
        return time(hour, int(found[2] or 0))
    except ValueError:
        raise invalid("string", f"{found[0].strip()} is not a time") from None


def _weekday(word: str) -> int | None:
    found = [number for number, name in enumerate(_WEEKDAYS) if word in {name, name[:3], name + "s"}]
    return found[0] if found else None


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError
