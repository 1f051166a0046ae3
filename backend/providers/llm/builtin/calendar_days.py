"""Days that are named by the calendar: "2026-12-24", "24.12.", "12/24", "24 December", "on the 5th", "in March"."""

import re
from datetime import date

from backend.providers.llm.builtin.calendars import MONTHS, last_of, next_of_month, next_of_year
from backend.providers.llm.builtin.day_rules import CUE, PRE, YEAR, Rule, rule
from backend.providers.llm.builtin.vocabulary import MONTH, month_of

_TH = r"(?:st|nd|rd|th)?"
_MONTH_LONG = (
    "(?-i:January|February|March|April|May|June|July|August|September|October|November|December)"  # "may" is a verb
)
_NOT_MAY = r"\b(?!\s(?:be|not|have|need|take|come|go|want)\b)"
_END = r"(?=\s?(?:$|[,;.!?):]|at\b|in the\b|of (?:this|the) month|\d|and\b|to\b))"
_MIDDLE = 15
_CENTURY = 2000


def _year_month_day(match: re.Match[str], today: date) -> date | None:
    del today
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _numbers(match: re.Match[str], today: date) -> date | None:
    return _day(match["year"], int(match["month"]), day=int(match["day"]), today=today)


def _slashed(match: re.Match[str], today: date) -> date | None:
    """Read 12/24 as people in the United States do, and 24/12 as all others do."""
    first, second = int(match["month"]), int(match["day"])
    if first > MONTHS:
        first, second = second, first
    return _day(match["year"], first, day=second, today=today)


def _named(match: re.Match[str], today: date) -> date | None:
    return _day(match["year"], month_of(match["month"]), day=int(match["day"]), today=today)


def _day(year: str | None, month: int, *, day: int, today: date) -> date | None:
    if not year:
        return next_of_year(month, day, today=today)
    return date(int(year) + (_CENTURY if int(year) < 100 else 0), month, day)  # noqa: PLR2004 -- two digits


def _month(match: re.Match[str], today: date) -> date | None:
    month = month_of(match["month"])
    year = int(match["year"]) if match["year"] else today.year + (month < today.month)
    first = date(year, month, 1)
    side = (match["side"] or "").lower()
    if side.startswith(("the end", "end", "late")):
        return last_of(first)
    day = first.replace(day=_MIDDLE) if side.startswith("mid") else first
    return day if match["year"] else max(today, day)


def _number_of_month(match: re.Match[str], today: date) -> date | None:
    return next_of_month(int(match["day"]), today)


RULES: tuple[Rule, ...] = (
    rule(
        rf"{PRE}(?<![\w./-])(?P<year>\d{{4}})(?P<sep>[-/])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?![\w/-])",
        _year_month_day,
        exact=True,
        numeric=True,
    ),
    rule(
        rf"{PRE}(?<![\w.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?:\s?(?P<year>\d{{4}}|(?<=\.)\d\d))?(?![\w:]|\.\d)",
        _numbers,
        exact=True,
        numeric=True,
    ),
    rule(rf"{CUE}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})(?P<year>)(?![\w:.%€$])", _numbers, exact=True, numeric=True),
    rule(
        rf"{PRE}(?<![\w/.,])(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}}|\d\d)(?![\w/])",
        _slashed,
        exact=True,
        numeric=True,
    ),
    rule(rf"{CUE}(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?P<year>)(?![\w/])", _slashed, exact=True, numeric=True),
    rule(r"(?<![\w/.,])(?P<month>\d\d)/(?P<day>\d\d)(?P<year>)(?![\w/])", _slashed, exact=True, numeric=True),
    rule(
        rf"{PRE}(?<![\w.,:/])(?P<day>\d{{1,2}}){_TH}\.?\s(?:of\s)?(?P<month>{MONTH}){_NOT_MAY}\.?{YEAR}",
        _named,
        exact=True,
        numeric=True,
    ),
    rule(
        rf"{PRE}\b(?P<month>{MONTH})\.?\s(?:the\s)?(?P<day>\d{{1,2}}){_TH}(?![\w%:/-]|[.,]\d){YEAR}",
        _named,
        exact=True,
        numeric=True,
    ),
    rule(
        r"\b(?:(?P<pre>in|by|until|till|before|for)\s)?"
        r"(?:(?P<side>(?:the\s)?(?:end|beginning|start)\sof|early|late|mid)[\s-])?(?:next\s)?"
        rf"(?P<month>{_MONTH_LONG})\b(?!'){YEAR}",
        lambda match, today: _month(match, today) if match["pre"] or match["side"] else None,
    ),
    rule(
        rf"\b(?P<pre>on|by|until|till|before|due(?: on)?)\sthe\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b{_END}"
        r"(?:\sof\s(?:this|the)\smonth\b)?",
        _number_of_month,
        exact=True,
        numeric=True,
    ),
)
