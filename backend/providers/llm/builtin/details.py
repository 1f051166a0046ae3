"""What is said beside a task: priority, estimate, labels and the project's tag."""

import re
from dataclasses import dataclass
from typing import Literal

from backend.providers.llm.builtin.moments import Span
from backend.providers.llm.builtin.vocabulary import FLAGS

_PRIO = r"[\s-]prio(?:rity)?\b\)?"
_WORDS = r"(?P<word>urgent(?:ly)?|critical|immediately|right away|important)"
# A priority by its pattern; 0 is the level that the pattern's digit says.
_ANYWHERE = tuple(
    (re.compile(pattern, FLAGS), level)
    for pattern, level in (
        (r"\(?\b(?<!\.)p(?P<level>[1-4])\b(?!\.\d)\)?", 0),
        (r"(?<!\w)!{1,2}(?P<level>[1-4])\b", 0),
        (r"\(?\b(?:not|isn't)\s(?:that\s|very\s|so\s)?(?:urgent|important)\b\)?|\bno (?:rush|hurry)\b", 4),
        (rf"\(?\blow(?:est)?{_PRIO}", 4),
        (r"\(?\b(?:some\s?day|eventually|when(?:ever)? (?:i have|there is) time)\b\)?", 4),
        (rf"\(?\b(?:medium|normal){_PRIO}", 3),
        (rf"\(?\b(?:top|highest|urgent){_PRIO}", 1),
        (r"\(?\b(?:asap|as soon as possible)\b\)?", 1),
        (rf"\(?\bhigh{_PRIO}", 2),
    )
)
_FIRST = re.compile(rf"[\s(]*(?:(?:it's|this is|very|really)\s)?{_WORDS}\b[)\s]?[:,!-]{{0,2}}(?!\w)", FLAGS)
_LAST = re.compile(
    rf"(?:[,(\s:-]|\b(?:it's|this is|very|really|and)\s){{0,4}}(?<!\w){_WORDS}[\s!.)]{{0,5}}\Z",
    FLAGS,
)
_HIGHEST = 1
_ESTIMATE = re.compile(
    r"\(?(?:(?:~|\b(?:ca\.?|about|approx\.?|around|takes?(?:\sabout)?|for(?:\sabout)?|estimate:?))\s?){0,2}(?:"
    r"(?<![\w.,:])(?P<hours>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:h|hrs?|hours?)(?:\s?(?:and\s)?(?P<rest>\d{1,2})\s?(?:m|mins?|minutes?)?)?"
    r"|(?<![\w.,:])(?P<minutes>\d{1,4})\s?(?:min|mins|minutes?)"
    r"|(?P<half>half\san\shour|half\sh(?:our)?)|(?P<quarter>(?:a\s)?quarter\sof\san\shour)"
    r"|(?<![\w.,:])(?P<short>\d{1,3})\s?m(?=\)|\s*$))"
    r"(?!\w|\s(?:ago|later|before|after|late|old|from|early|earlier)\b)\.?\)?",
    FLAGS,
)
_AN_HOUR = re.compile(r"\(?(?:~|\b(?:takes?|for|about))\s?an?\shour(?P<half>\sand\sa\shalf)?\b\)?", FLAGS)
_NOT_AN_ESTIMATE = re.compile(r"\b(?:in|within|every|after|last|past|next|under)\s(?:the\s)?\Z", FLAGS)
_TAG = re.compile(r"(?<![\w&#@/.])(?P<mark>[#@])(?P<name>[^\W\d_][\w-]{0,60})")
_COLOUR = re.compile(r"(?=.*\d)[0-9a-f]{6}", FLAGS)
_DAY_MINUTES = 10_080
Sort = Literal["priority", "estimate", "project", "label", "person"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """Something that is said beside a task.

    Attributes:
        sort: What it is.
        number: A priority, or minutes; 0 for names.
        name: A project, a label or a person; empty for numbers.
        span: Where the text says it; of a person only the sign.
    """

    sort: Sort
    span: Span
    number: int = 0
    name: str = ""


def find(text: str) -> list[Detail]:
    """Return what is said beside tasks, in the text's order.

    Args:
        text: One clause, without its dates.
    """
    found = [*_tags(text), *_priorities(text), *_estimates(text)]
    return sorted(found, key=lambda detail: detail.span)


def edge(text: str) -> Detail | None:
    """Return a priority that one word at the beginning or the end of a clause gives, None without.

    In the middle "important" and "urgent" belong to what is to do, as in "sign the urgent letter".

    Args:
        text: One clause, without its dates and details.
    """
    match = _FIRST.match(text) or _LAST.search(text, max(0, len(text) - 80))
    if not match:
        return None
    high = 2 if match["word"].lower() == "important" else _HIGHEST
    return Detail(sort="priority", number=high, span=match.span())


def _tags(text: str) -> list[Detail]:
    if "#" not in text and "@" not in text:
        return []
    return [_tag(match) for match in _TAG.finditer(text) if not _COLOUR.fullmatch(match["name"])]


def _tag(match: re.Match[str]) -> Detail:
    """Return a project for "#name", a person for "@Name", a label for "@name"."""
    name = match["name"].rstrip("-_")
    if match["mark"] == "#":
        return Detail(sort="project", name=name, span=match.span())
    if name[:1].isupper():
        return Detail(sort="person", name=name, span=(match.start(), match.start() + 1))
    return Detail(sort="label", name=name, span=match.span())


def _priorities(text: str) -> list[Detail]:
    found: list[Detail] = []
    for pattern, level in _ANYWHERE:
        for match in pattern.finditer(text):
            number = level or int(match["level"])
            if not any(match.start() < other.span[1] and other.span[0] < match.end() for other in found):
                found.append(Detail(sort="priority", number=number, span=match.span()))
    return found


def _estimates(text: str) -> list[Detail]:
    found = []
    for pattern in (_ESTIMATE, _AN_HOUR):
        for match in pattern.finditer(text):
            minutes = _minutes(match)
            if 1 <= minutes <= _DAY_MINUTES and not _NOT_AN_ESTIMATE.search(
                text, max(0, match.start() - 16), match.start()
            ):
                found.append(Detail(sort="estimate", number=minutes, span=match.span()))
    return found


def _minutes(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if "hours" not in groups:
        return 90 if groups["half"] else 60
    if groups["hours"]:
        return round(float(groups["hours"].replace(",", ".")) * 60) + int(groups["rest"] or 0)
    if groups["half"] or groups["quarter"]:
        return 30 if groups["half"] else 15
    return int(groups["minutes"] or groups["short"])
