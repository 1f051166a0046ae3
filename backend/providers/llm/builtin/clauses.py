"""A thought as clauses: lines, list items and sentences; without code and quoted lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.providers.llm.builtin.vocabulary import MONTH

CLAUSE_MAX = 600
_BAD = {0: " ", 0x2019: "'", 0x2018: "'", 0x00A0: " ", **dict.fromkeys(range(0xD800, 0xE000), " ")}
Kind = Literal["open", "done", "item", "plain"]
Heading = Literal["todo", "buy", "ideas", "problems", ""]
_ITEM = re.compile(r"(?:[-*+•\u2013‣]|\d{1,2}[.)](?!\s?\d))\s{1,10}(?=\S)")
_BOX = re.compile(r"(?:[-*+•]\s{1,5})?\[(?P<mark>[ xX✓✔]?)\]\s{1,5}(?=\S)")
_HEADING = re.compile(r"(?:#{1,6}\s)?(?P<name>[A-Za-z][\w ,'/-]{0,40}?)\s?:?")
_MARKED = re.compile(r"#{1,6}\s")
_END = re.compile(r"(?<=[.!?…;])[\"')\]”]?\s(?=\S)|\s(?:—|\u2013|--)\s")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|ca|approx|no|nr|mr|mrs|ms|dr|prof|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|a\.m|p\.m)"
    r"|\b\d{1,2}\.\s?\d{1,2}|\b[A-Z])\.\Z",
    re.IGNORECASE,
)
# "24. December" goes on, "in room 24. December is cold" does too; "at 9:30. Bring" does not.
_ORDINAL = re.compile(r"(?<![\d:.,])\d{1,2}\.\Z")
_GOES_ON = re.compile(rf"(?-i:[a-z])|(?:{MONTH})\b", re.IGNORECASE)
_MASKS = (
    re.compile(r"`[^`\n]{1,300}`"),
    re.compile(r"\"[^\"\n]{1,300}\"|“[^“”\n]{1,300}”|«[^«»\n]{1,300}»"),
    re.compile(r"(?:https?://|www\.)[^\s<>]{1,500}"),
    re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}"),
)
_LISTS: dict[str, Heading] = {
    **dict.fromkeys(("todo", "to do", "to-do", "todos", "tasks", "task list", "todo list", "to do list"), "todo"),
    **dict.fromkeys(("to-do list", "next steps", "action items", "actions"), "todo"),
    **dict.fromkeys(("shopping", "shopping list", "groceries", "grocery list", "buy", "to buy", "need to buy"), "buy"),
    **dict.fromkeys(("ideas", "idea", "idea list"), "ideas"),
    **dict.fromkeys(("problems", "issues", "bugs", "known issues"), "problems"),
}
# Without a colon only these announce a list.
_PLAIN_LISTS = frozenset({"shopping list", "groceries", "grocery list", "todo list", "to do list", "to-do list"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """A sentence, or an item of a list.

    Attributes:
        text: What it says, with single blanks, at most `CLAUSE_MAX` characters.
        masked: The same, with quotations, code, addresses and links made unreadable; as long.
        kind: An open or a done box, another item, or a sentence.
        heading: What the list that it stands in is of.
    """

    text: str
    masked: str
    kind: Kind
    heading: Heading = ""


def split(text: str) -> Iterator[Clause]:
    """Yield the clauses of a thought.

    Args:
        text: Any text.
    """
    heading: Heading = ""
    code = False
    for raw in text.translate(_BAD).splitlines():
        line = " ".join(raw.split())
        if line.startswith(("```", "~~~")):
            code = not code
        elif line and not code and not line.startswith(">"):
            kind, rest = _item(line)
            named = _heading_of(rest) if kind == "plain" else None
            if named is not None or kind == "plain":
                heading = named or ""
            if named is None:
                yield from _sentences(rest, kind, heading=heading)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of any text, code and quoted lines too, with single blanks.

    Args:
        text: Any text.
    """
    for raw in text.translate(_BAD).splitlines():
        line = " ".join(raw.split())
        start = 0
        for end in [*(end for end in _ends(line) if line[:end].rstrip()[-1] in ".!?…"), len(line)]:
            if line[start:end].strip():
                yield line[start:end].strip()
            start = end


def _item(line: str) -> tuple[Kind, str]:
    if box := _BOX.match(line):
        return ("done" if box["mark"].strip() else "open"), line[box.end() :]
    if item := _ITEM.match(line):
        return "item", line[item.end() :]
    return "plain", line


def _heading_of(line: str) -> Heading | None:
    """Return what a heading announces, empty for anything; None when the line is no heading."""
    name = line.lower()
    if name in _PLAIN_LISTS:
        return _LISTS[name]
    match = _HEADING.fullmatch(line)
    if match and (line.startswith("#") or line.endswith(":")):
        return _list_of(match["name"].strip().lower())
    return "" if _MARKED.match(line) else None


def _list_of(name: str) -> Heading:
    return "todo" if name.startswith(("todo ", "to do ", "tasks ")) else _LISTS.get(name, "")


def _sentences(line: str, kind: Kind, *, heading: Heading) -> Iterator[Clause]:
    masked = _masked(line)
    start = 0
    for end in [*_ends(masked), len(line)]:
        for piece in _pieces(masked, start, end=end):
            if line[piece].strip():
                yield Clause(text=line[piece], masked=masked[piece], kind=kind, heading=heading)
        start = end


def _ends(masked: str) -> Iterator[int]:
    for match in _END.finditer(masked):
        before = max(0, match.start() - 8)
        ordinal = _ORDINAL.search(masked, before, match.start()) and _GOES_ON.match(masked, match.end())
        if not ordinal and not _SHORT.search(masked, before, match.start()):
            yield match.end()


def _pieces(masked: str, start: int, *, end: int) -> Iterator[slice]:
    """Yield a sentence whole, or cut at blanks when it is longer than any sentence."""
    while end - start > CLAUSE_MAX:
        cut = masked.rfind(" ", start, start + CLAUSE_MAX)
        cut = cut if cut > start else start + CLAUSE_MAX
        yield slice(start, cut)
        start = cut
    yield slice(start, end)


def _masked(line: str) -> str:
    for pattern in _MASKS:
        line = pattern.sub(lambda match: "¤" * len(match[0]), line)
    return line
