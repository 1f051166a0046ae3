"""Times of day in a text: "15:00", "3pm", "at 9", "noon", "in the evening"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from backend.providers.llm.builtin.vocabulary import FLAGS, number_of

_PRE = r"(?:\b(?:at|around|about|by|from|until|till|before|starting)\s|@\s?|~)?"
_HALF = r"(?P<half>[ap]\.?m\b\.?)"
_UNTIL = r"(?:\s?(?:-|\u2013|to|until|till)\s?\d{1,2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?![\w:]))?"
_NOT_A_CLOCK = re.compile(
    r"\b(?:ratio|scale|score|aspect|chapter|verse|version|won|lost|v)\s?(?:(?:of|to|is|was|at)\s)?\Z", FLAGS
)
_AFTER_HOUR = (
    r"(?=\s*(?:$|[,;.!?)(]|on\b|today|tomorrow|tonight|this\b|next\b|with\b|and\b|in the\b"
    r"|every|mon|tue|wed|thu|fri|sat|sun))"
)
_CLOCK = re.compile(
    rf"{_PRE}(?<![\w:.,/+-])(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?:\s?{_HALF})?"
    rf"(?:\s?(?:hrs|h|o'clock|uhr)\b)?{_UNTIL}(?![\w:])",
    FLAGS,
)
_HALF_DAY = re.compile(
    rf"{_PRE}(?<![\w:.,/+-])(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d{{2}}))?(?:\s?(?:-|\u2013|to)\s?\d{{1,2}})?\s?{_HALF}"
    rf"{_UNTIL}(?!\w)",
    FLAGS,
)
_AT_HOUR = re.compile(
    rf"\b(?:at|@)\s?(?P<hour>\d{{1,2}})(?:h(?P<minute>\d{{2}})?\b|\s?o'clock|\ssharp|{_AFTER_HOUR})", FLAGS
)
_OCLOCK = re.compile(r"(?<![\w:.,/-])(?P<hour>\d{1,2})(?P<minute>)\s?o'clock", FLAGS)
_SPOKEN = re.compile(
    rf"{_PRE}\b(?P<part>half|quarter)\s(?P<side>past|to)\s"
    r"(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    FLAGS,
)
_NAMED = re.compile(r"(?:\b(?:at|by|around|until|before)\s)?\b(?P<name>noon|midday|midnight)\b", FLAGS)
_PART = re.compile(
    r"\b(?P<lead>this\s|in\sthe\s|on\s)?(?:(?:early|late)\s)?(?P<name>morning|afternoon|evening|night|tonight)\b(?!')",
    FLAGS,
)
PARTS = {"morning": time(9), "afternoon": time(15), "evening": time(19), "night": time(22), "tonight": time(19)}
_DIGIT = re.compile(r"\d")
_AFTERNOON_UNTIL = 7
_NOON = 12
_HOURS = 24
_MINUTES = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A time of day, and where a text says it.

    Attributes:
        time: On the wall.
        start: Where it begins in the text.
        end: Where it ends.
        vague: A part of the day, such as "evening"; it needs a day beside it, unless it is said with "this".
        ends_day: Midnight: the end of the day that is named, not its beginning.
        led: It was said with "this" or "in the".
    """

    time: time
    start: int
    end: int
    vague: bool = False
    ends_day: bool = False
    led: bool = False


def find(text: str) -> list[Clock]:
    """Return the times of day of a text, in its order; none overlap.

    Args:
        text: One clause.
    """
    found: list[Clock] = []
    for pattern in (_CLOCK, _HALF_DAY, _AT_HOUR, _OCLOCK) if _DIGIT.search(text) else ():
        _keep(found, (_of_numbers(match, text) for match in pattern.finditer(text)))
    _keep(found, (_of_spoken(match) for match in _SPOKEN.finditer(text)))
    _keep(found, (_of_name(match) for match in _NAMED.finditer(text)))
    _keep(found, (_of_part(match) for match in _PART.finditer(text)))
    return sorted(found, key=lambda each: each.start)


def _keep(found: list[Clock], more: Iterable[Clock | None]) -> None:
    for each in more:
        if each is not None and not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)


def _of_numbers(match: re.Match[str], text: str) -> Clock | None:
    groups = match.groupdict()
    if _NOT_A_CLOCK.search(text, max(0, match.start() - 20), match.start()):
        return None
    hour = _hour(int(groups["hour"]), groups.get("half"), bare=groups["minute"] is None)
    minute = int(groups["minute"] or 0)
    if hour is None or hour >= _HOURS or minute >= _MINUTES:
        return None
    return Clock(time=time(hour, minute), start=match.start(), end=match.end())


def _hour(hour: int, half: str | None, *, bare: bool) -> int | None:
    if half is None:
        return hour + _NOON if bare and 1 <= hour <= _AFTERNOON_UNTIL else hour
    if not 1 <= hour <= _NOON:
        return None
    return hour % _NOON + (_NOON if half[0] in "pP" else 0)


def _of_spoken(match: re.Match[str]) -> Clock | None:
    hour = _hour(number_of(match["hour"]), None, bare=True)
    if hour is None or hour >= _HOURS:
        return None
    quarter = 30 if match["part"].lower() == "half" else 15
    minutes = hour * _MINUTES + (quarter if match["side"].lower() == "past" else -quarter)
    return Clock(time=time(minutes // _MINUTES % _HOURS, minutes % _MINUTES), start=match.start(), end=match.end())


def _of_name(match: re.Match[str]) -> Clock:
    midnight = match["name"].lower() == "midnight"
    clock = time(0) if midnight else time(12)
    return Clock(time=clock, start=match.start(), end=match.end(), ends_day=midnight)


def _of_part(match: re.Match[str]) -> Clock:
    lead = (match["lead"] or "").lower().split()
    return Clock(
        time=PARTS[match["name"].lower()],
        start=match.start(),
        end=match.end(),
        vague=True,
        led=lead[:1] in (["this"], ["in"]),
    )
