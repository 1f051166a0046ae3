"""Days that are named from today: "tomorrow", "next Friday", "in two weeks", "end of month", "next week"."""

import re
from datetime import date, timedelta

from backend.providers.llm.builtin.calendars import (
    MONTHS,
    SATURDAY,
    WEEK,
    add_months,
    end_of_week,
    last_of,
    later,
    monday_after,
    next_weekday,
)
from backend.providers.llm.builtin.day_rules import PRE, Rule, rule
from backend.providers.llm.builtin.vocabulary import (
    MONTH,
    NUMBER,
    WEEKDAY,
    WEEKDAY_CLEAR,
    WEEKDAY_LONG,
    number_of,
    weekday_of,
)

_UNIT = r"(?P<unit>days?|weeks?|months?|years?)\b"
_QUARTER = 3


def _over(match: re.Match[str], today: date) -> None:
    """Take a day that is over out of the text; nothing is due then."""
    del match, today


def _end_of(match: re.Match[str], today: date) -> date | None:
    unit = (match["unit"] or match["short"] or "day")[0].lower()
    ahead = 1 if match["which"] else 0
    if unit == "w":
        return end_of_week(monday_after(today) if ahead else today)
    if unit == "y":
        return date(today.year + ahead, MONTHS, 31)
    if unit == "q":
        return last_of(add_months(today.replace(day=1), ahead * _QUARTER + -today.month % _QUARTER))
    if unit == "m":
        return last_of(add_months(today.replace(day=1), ahead))
    return today + timedelta(days=ahead)


def _next_unit(match: re.Match[str], today: date) -> date | None:
    unit = match["unit"].lower()
    if unit == "week":
        return monday_after(today)
    if unit == "weekend":
        return monday_after(today) + timedelta(days=SATURDAY)
    if unit == "year":
        return date(today.year + 1, 1, 1)
    ahead = 1 if unit == "month" else _QUARTER - (today.month - 1) % _QUARTER
    return add_months(today.replace(day=1), ahead)


def _this_week(match: re.Match[str], today: date) -> date:
    del match
    return end_of_week(today)


def _weekend(match: re.Match[str], today: date) -> date:
    del match
    return max(today, today + timedelta(days=SATURDAY - today.weekday()))


def _distance(match: re.Match[str], today: date) -> date | None:
    return later(today, number_of(match["number"]), unit=match["unit"])


def _distance_from(match: re.Match[str], today: date) -> date | None:
    start = {"today": today, "tomorrow": today + timedelta(days=1)}.get(match["from"].lower())
    start = start or next_weekday(weekday_of(match["from"]), today)
    return later(start, number_of(match["number"]), unit=match["unit"])


def _weekday_in(match: re.Match[str], today: date) -> date | None:
    monday = monday_after(today) + timedelta(days=WEEK * (number_of(match["number"]) - 1))
    return monday + timedelta(days=weekday_of(match["weekday"]))


def _weekday_next_week(match: re.Match[str], today: date) -> date | None:
    return monday_after(today) + timedelta(days=weekday_of(match["weekday"]))


def _weekday(match: re.Match[str], today: date) -> date | None:
    which = (match["which"] or "").lower()
    if which in {"last", "past", "previous"}:
        return None
    if which == "next":
        return _weekday_next_week(match, today)
    return next_weekday(weekday_of(match["weekday"]), today, today_counts=which == "this")


def _word(match: re.Match[str], today: date) -> date | None:
    word = match["word"].lower()
    if "after" in word:
        return today + timedelta(days=2)
    return today if word in {"today", "later today", "tonight"} else today + timedelta(days=1)


RULES: tuple[Rule, ...] = (
    rule(r"\b(?:last|past|previous)\s(?:week|month|year|night|weekend|spring|summer|autumn|winter)\b", _over),
    rule(rf"\b{NUMBER}\s(?:minutes?|hours?|days?|weeks?|months?|years?)\sago\b", _over),
    rule(r"\byesterday\b", _over),
    rule(rf"\bsince\s(?:last\s)?(?:{WEEKDAY}|{MONTH}|today)\b", _over),
    rule(
        rf"{PRE}(?:end\sof\s(?:the\s|this\s|(?P<which>next\s))?(?P<unit>day|business|work\sweek|week|month|year|quarter)"
        r"|month\send|eo(?P<short>[dwmyq])|cob)\b",
        lambda match, today: last_of(today) if "th end" in match[0].lower() else _end_of(match, today),
    ),
    rule(
        rf"{PRE}(?:early|(?:beginning|start)\sof(?:\sthe)?)\snext\s(?P<unit>week|month|year|quarter)\b",
        _next_unit,
    ),
    rule(rf"{PRE}\b(?P<number>{NUMBER})\s{_UNIT}\sfrom\s(?P<from>today|tomorrow|{WEEKDAY_LONG})\b", _distance_from),
    rule(rf"{PRE}\b(?P<number>{NUMBER})\s{_UNIT}\sfrom\snow\b", _distance),
    rule(rf"{PRE}\b(?P<weekday>{WEEKDAY}),?\sin\s(?P<number>{NUMBER})\sweeks?\b", _weekday_in),
    rule(rf"{PRE}\b(?P<weekday>{WEEKDAY}),?\s(?:of\s)?next\sweek\b", _weekday_next_week),
    rule(rf"\bnext\sweek,?\s(?:on\s)?(?P<weekday>{WEEKDAY})\b", _weekday_next_week),
    rule(rf"\b(?P<pre>in|within)\s(?:the\snext\s)?(?P<number>{NUMBER})\s{_UNIT}(?:'s?\stime)?", _distance),
    rule(
        r"(?:\b(?P<pre>due|by|until|till|before|for|starting):?\s(?:the\s)?|\bthe\s(?=day))?"
        r"\b(?P<word>day after tomorrow|tomorr?ow|tmrw|tmr|later today|today|tonight)\b(?!')",
        _word,
    ),
    rule(
        rf"{PRE}\b(?:(?P<which>last|past|previous|next|this|coming|upcoming)\s)?(?P<weekday>{WEEKDAY_CLEAR})\b(?!')",
        _weekday,
    ),
    rule(
        r"\b(?P<pre>due|on|by|until|till|before|for)\s(?:(?P<which>last|next|this)\s)?(?P<weekday>wed|sat|sun)\b(?!')",
        _weekday,
    ),
    rule(r"\b(?P<which>last|next|this)\s(?P<weekday>wed|sat|sun)\b(?!')", _weekday),
    rule(rf"{PRE}\bnext\s(?P<unit>weekend|week|month|year|quarter)\b(?!')", _next_unit),
    rule(r"\b(?:(?P<pre>by|until|before|due|for)\s)?this\sweek\b(?!')", _this_week),
    rule(
        r"\b(?:(?P<pre>on|at|by|until|before|over|due|for)\s(?:the|this|the coming)|this)\s(?:coming\s)?weekend\b(?!')",
        _weekend,
    ),
)
