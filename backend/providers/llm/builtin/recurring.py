"""Recurring days in a text: "every Friday", "every 2 weeks", "daily", "every month on the 1st"."""

import re
from dataclasses import dataclass
from datetime import date, time

from backend.providers.llm.builtin.calendars import SATURDAY, next_of_month, next_of_year, next_weekday
from backend.providers.llm.builtin.clocks import PARTS
from backend.providers.llm.builtin.vocabulary import FLAGS, MONTH, NUMBER, WEEKDAY, month_of, weekday_of

_ON = rf"(?:\s(?:on\s)?(?:the\s)?(?P<nth>\d{{1,2}})(?:st|nd|rd|th)|\son\s(?P<on>{WEEKDAY})s?)?\b"
_EVERY = re.compile(
    r"\b(?:every|each)\s(?:"
    rf"(?P<weekday>{WEEKDAY})s?\b(?P<more>(?:(?:,\s|\sand\s|,\sand\s)(?:{WEEKDAY})\b){{0,6}})"
    r"|(?P<work>weekday|workday|work\sday)\b"
    r"|(?P<part>morning|afternoon|evening|night)\b"
    rf"|(?P<date>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{MONTH})\b"
    r"|(?P<day>\d{1,2})(?:st|nd|rd|th)\b(?:\sof\s(?:the|each|every)\smonth\b)?"
    rf"|(?:(?P<number>other|second|third|fourth|{NUMBER})\s)?(?P<unit>(?:day|week|month|quarter|year)s?\b){_ON}"
    r")",
    FLAGS,
)
_PLURAL = re.compile(rf"\bon\s(?P<weekday>(?:{WEEKDAY})(?<=day))s\b(?P<more>)", FLAGS)
# An adjective before a noun ("the weekly report") is no rhythm; alone, at an edge or before a time it is.
_ADVERB = re.compile(
    r"(?:(?<=^)|(?<=\s)|(?<=\())(?P<adverb>daily|weekly|monthly|quarterly|yearly|annually)\b"
    rf"(?:\son\s(?P<on>{WEEKDAY})s?\b)?(?=\s?(?:$|[.,;:!?)(]|at\b|on\b|\d|p[1-4]\b|#|@))",
    FLAGS,
)

# What must be in a text, so that a pattern is tried at all.
_PATTERNS = ((("every", "each"), _EVERY), (("days",), _PLURAL), (("ly",), _ADVERB))


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How something recurs, and where a text says it.

    Attributes:
        words: In small letters, as the text has them.
        first: Its first day, today included.
        clock: A time of day that its words imply, None without.
        start: Where it begins in the text.
        end: Where it ends.
    """

    words: str
    first: date
    clock: time | None
    start: int
    end: int


def find(text: str, today: date) -> Rhythm | None:
    """Return the first rhythm of a text, None without one.

    Args:
        text: One clause.
        today: The owner's.
    """
    small = text.lower()
    for hints, pattern in _PATTERNS:
        match = pattern.search(text) if any(hint in small for hint in hints) else None
        if match and (rhythm := _rhythm(match, today)):
            return rhythm
    return None


def _rhythm(match: re.Match[str], today: date) -> Rhythm | None:
    groups = match.groupdict()
    try:
        first = _first(groups, today)
    except (ValueError, OverflowError):
        return None
    clock = PARTS.get((groups.get("part") or "").lower())
    if first is None:
        return None
    return Rhythm(words=_words(match), first=first, clock=clock, start=match.start(), end=match.end())


def _words(match: re.Match[str]) -> str:
    words = match[0].lower()
    return f"every {match['weekday'].lower()}" if words.startswith("on ") else words


def _first(groups: dict[str, str | None], today: date) -> date | None:
    if weekdays := re.findall(
        WEEKDAY, f"{groups.get('weekday') or groups.get('on') or ''} {groups.get('more')}", FLAGS
    ):
        return min(next_weekday(weekday_of(each), today, today_counts=True) for each in weekdays)
    if number := groups.get("day") or groups.get("nth"):
        return next_of_month(int(number), today)
    if (number := groups.get("date")) and (month := groups.get("month")):
        return next_of_year(month_of(month), int(number), today=today)
    if groups.get("work") and today.weekday() >= SATURDAY:
        return next_weekday(0, today)
    return today
