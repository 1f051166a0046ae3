"""Titles: what is left of a place of a text when dates and details are cut out."""

import re

from backend.providers.llm.builtin.moments import Span
from backend.providers.llm.builtin.vocabulary import FLAGS

# What leads to a date or a tag that is cut out goes with it.
_LEADS = re.compile(
    r"[\s,;:(—\u2013/-]+(?:(?:at|by|until|for|from|due|is|it's|starting|and)[\s,;:—\u2013-]*)?\Z", FLAGS
)
_TRAILING = re.compile(r"[\s,;:(—\u2013/-]+(?:and)?\Z", FLAGS)
_LEADING = re.compile(r"\A(?:[\s,.;:!)—\u2013/*-]+|(?:and|then|to|also|please|pls)\s)", FLAGS)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_BLANKS = re.compile(r"\s+")
_BEFORE_SIGN = re.compile(r"\s([,.;:!?)])")
_TIMES = 4


def title(text: str, spans: list[Span], *, start: int, end: int, longest: int = 500) -> str:
    """Return a title, empty when no word is left.

    Args:
        text: The clause.
        spans: What to leave out.
        start: Where the place begins.
        end: Where it ends.
        longest: How many characters it may have.
    """
    kept, position = [], start
    for begin, finish in sorted(spans):
        if begin < end and finish > position:
            kept.append(_LEADS.sub("", text[position : max(position, begin)]))
            position = min(finish, end)
    kept.append(text[position:end])
    return _polished(" ".join(part for part in kept if part), longest)


def _polished(words: str, longest: int) -> str:
    words = _BEFORE_SIGN.sub(r"\1", _BLANKS.sub(" ", _EMPTY_BRACKETS.sub(" ", words))).strip()
    for _ in range(_TIMES):
        words = _TRAILING.sub("", _LEADING.sub("", words)).rstrip(".,;:! ").strip()
    if words.count("(") > words.count(")"):
        words = words.replace("(", "", 1)
    if not any(letter.isalnum() for letter in words):
        return ""
    return cut(words[0].upper() + words[1:] if words[0].upper().isalpha() else words, longest)


def cut(words: str, longest: int) -> str:
    """Return words that are not longer, cut at a blank.

    Args:
        words: Any words.
        longest: How many characters they may have.
    """
    if len(words) <= longest:
        return words
    head = words[: longest - 1]
    blank = head.rfind(" ")
    return (head[:blank] if blank > longest // 2 else head).rstrip() + "…"
