"""Days in a text, by all rules."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from backend.providers.llm.builtin import calendar_days, relative_days
from backend.providers.llm.builtin.day_rules import Rule

# The first rule that fits a place wins it.
_RULES = calendar_days.RULES + relative_days.RULES
_WITHOUT_DIGITS = tuple(each for each in _RULES if not each.numeric)


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day, and where a text says it.

    Attributes:
        day: None when the text speaks of a day that is over, or of one that does not exist.
        start: Where it begins in the text.
        end: Where it ends.
        exact: The text gives the day of a month.
        pre: The word before it ("by", "due on"), in small letters; empty without.
    """

    day: date | None
    start: int
    end: int
    exact: bool
    pre: str


def find(text: str, today: date) -> list[Day]:
    """Return the days of a text, in its order; none overlap.

    Args:
        text: One clause.
        today: The owner's.
    """
    found: list[Day] = []
    digits = any(letter.isdecimal() for letter in text)
    for each in _RULES if digits else _WITHOUT_DIGITS:
        for match in each.pattern.finditer(text):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(_day(match, each, today=today))
    return sorted(found, key=lambda day: day.start)


def _day(match: re.Match[str], rule: Rule, *, today: date) -> Day:
    pre = (match.groupdict().get("pre") or "").lower()
    try:
        day = rule.resolve(match, today)
        if day is not None and pre == "before" and day > today:
            day -= timedelta(days=1)
    except (ValueError, OverflowError):
        day = None
    return Day(day=day, start=match.start(), end=match.end(), exact=rule.exact, pre=pre)
