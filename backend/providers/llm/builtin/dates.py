"""Dates in a text: a day, a time of day and a rhythm that belong together."""

import re
from datetime import UTC, date, datetime, time, timedelta

from backend.providers.llm.builtin import clocks, days, recurring
from backend.providers.llm.builtin.clocks import Clock
from backend.providers.llm.builtin.days import Day
from backend.providers.llm.builtin.moments import Span, When, at_clock, day_of, local, next_clock
from backend.providers.llm.builtin.vocabulary import FLAGS, NUMBER, WEEKDAY, number_of

# Without any of these a clause has no date; most clauses have none.
_HINT = re.compile(
    r"\d|\b(?:to(?:day|n)|tmr|tom|next|this|every|each|eo[dwmyq]|cob|noon|mid|end|in|on|at|by|week|month|daily|quarter"
    rf"|year|annual|half|morning|yester|last|past|previous|ago|{WEEKDAY})",
    FLAGS,
)
_STAMP = re.compile(
    r"(?:\b(?:due|on|by|at|until|before)\s)?(?<![\w./-])(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,6})?"
    r"\s?(Z|[+-]\d\d:?\d\d)?(?![\w:])"
)
_SOON = re.compile(
    rf"\b(?:in|within)\s(?:the\snext\s)?(?:(?P<half>half\san\shour)|(?P<number>{NUMBER})\s?(?P<unit>min(?:ute)?s?|h|hrs?|hours?))\b"
    rf"|\b(?P<late>{NUMBER})\s(?P<late_unit>minutes?|hours?)\sfrom\snow\b",
    FLAGS,
)
_BESIDE = re.compile(r"[\s,(@-]{0,3}(?:(?:at|in|on|the|from)\s){0,2}", FLAGS)
_RANGE = re.compile(r"\s?(?:-|\u2013|to|until|till|through)\s?", FLAGS)
_DEADLINES = ("due", "by", "until", "till", "before", "no later")


def find(text: str, now: datetime) -> list[When]:
    """Return the dates of a text, the one that something is due at first.

    Args:
        text: One clause.
        now: Aware, in the owner's zone.
    """
    if not _HINT.search(text):
        return []
    try:
        return _find(text, now)
    except (OverflowError, ValueError):
        return []


def _find(text: str, now: datetime) -> list[When]:
    if stamped := _stamp(text, now) or _soon(text, now):
        return [stamped]
    found = clocks.find(text)
    if rhythm := recurring.find(text, now.date()):
        return [_recurring(text, rhythm, clock=_clock_of((rhythm.start, rhythm.end), text, found=found), now=now)]
    named = _merged(days.find(text, now.date()), text)
    whens = [
        _when(day.day, day, clock=_clock_of((day.start, day.end), text, found=found), now=now)
        for day in named
        if day.day
    ]
    if whens or named:
        return sorted(whens, key=lambda when: not when.deadline)
    return [_bare(clock, now) for clock in found if not clock.vague or clock.led][:1]


def _stamp(text: str, now: datetime) -> When | None:
    match = _STAMP.search(text) if ":" in text and "-" in text else None
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ''}")
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = at_clock(moment.date(), moment.time(), zone=now.tzinfo or UTC)
    return _exactly(moment.astimezone(UTC), match.span(), now=now)


def _soon(text: str, now: datetime) -> When | None:
    match = _SOON.search(text)
    if not match:
        return None
    unit = match["unit"] or match["late_unit"] or "min"
    number = 30 if match["half"] else number_of(match["number"] or match["late"])
    distance = timedelta(hours=number) if unit[0] in "hH" else timedelta(minutes=number)
    return _exactly(now.astimezone(UTC).replace(second=0, microsecond=0) + distance, match.span(), now=now)


def _exactly(moment: datetime, span: Span, *, now: datetime) -> When:
    return When(day=day_of(moment, now.tzinfo or UTC), at=moment, spans=(span,))


def _merged(found: list[Day], text: str) -> list[Day]:
    """Return days without a weekday that stands beside a day of a month, and without the end of a range."""
    kept: list[Day] = []
    for day in found:
        last = kept[-1] if kept else None
        if last and (last.exact or day.exact) and _BESIDE.fullmatch(text, last.end, day.start):
            exact = last if last.exact else day
            pre = last.pre or day.pre
            kept[-1] = Day(day=exact.day, start=last.start, end=day.end, exact=True, pre=pre)
        elif not (last and last.day and _RANGE.fullmatch(text, last.end, day.start)):
            kept.append(day)
    return kept


def _clock_of(span: Span, text: str, *, found: list[Clock]) -> Clock | None:
    """Return the time of day that stands beside a day, else the first exact one of the clause."""
    beside = [
        clock
        for clock in found
        if (clock.start < span[1] and span[0] < clock.end)
        or _BESIDE.fullmatch(text, span[1], clock.start)
        or _BESIDE.fullmatch(text, clock.end, span[0])
    ]
    exact = [clock for clock in found if not clock.vague]
    return next(iter([clock for clock in beside if not clock.vague] + exact + beside), None)


def _when(on: date, day: Day, *, clock: Clock | None, now: datetime) -> When:
    pre = day.pre
    spans = [(day.start, day.end)] + ([(clock.start, clock.end)] if clock else [])
    at = _moment(on, clock, now=now)
    return When(
        day=day_of(at, now.tzinfo or UTC) if at else on,
        at=at,
        spans=tuple(sorted(spans)),
        deadline=pre.startswith(_DEADLINES),
        due=pre.startswith("due"),
    )


def _moment(day: date, clock: Clock | None, *, now: datetime) -> datetime | None:
    if clock is None:
        return None
    zone = now.tzinfo or UTC
    moment = at_clock(day + timedelta(days=1) if clock.ends_day else day, clock.time, zone=zone)
    # "This evening", said late in the evening, is still today.
    return None if clock.vague and moment <= now else moment


def _recurring(text: str, rhythm: recurring.Rhythm, *, clock: Clock | None, now: datetime) -> When:
    wall = clock.time if clock else rhythm.clock
    zone = now.tzinfo or UTC
    at = at_clock(rhythm.first, wall, zone=zone) if wall else None
    if at and at <= now:
        rhythm = recurring.find(text, now.date() + timedelta(days=1)) or rhythm
        at = at_clock(rhythm.first, wall or time(), zone=zone)
    spans = [(rhythm.start, rhythm.end)] + ([(clock.start, clock.end)] if clock else [])
    words = f"{rhythm.words} at {wall:%H:%M}" if wall else rhythm.words
    return When(day=rhythm.first, at=at, recurrence=words, spans=tuple(sorted(spans)))


def _bare(clock: Clock, now: datetime) -> When:
    moment = next_clock(clock.time, now)
    return _exactly(moment, (clock.start, clock.end), now=now)


def shown(when: When, zone_now: datetime) -> str:
    """Return a date as people read it.

    Args:
        when: The date.
        zone_now: Any moment in the owner's zone.
    """
    day = f"{when.day:%A} {when.day.day} {when.day:%B %Y}"
    return f"{day}, {local(when.at, zone_now.tzinfo or UTC):%H:%M}" if when.at else day
