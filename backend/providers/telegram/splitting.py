"""How a long text becomes messages: cut where people pause, and never through a character."""

import re
import unicodedata

# Characters of a message, counted as Telegram counts offsets: in UTF-16 units.
LIMIT = 4096
# Where to cut, best first.
_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[.!?…][\"')\]]*\s"), re.compile(r"\s"))
_JOINER = "\u200d"
_BEYOND_BMP = 0x10000


def split(text: str, *, limit: int = LIMIT) -> list[str]:
    """Return a text in parts that each fit into one message, none of them blank.

    Args:
        text: Any text; only blanks give no part.
        limit: The most UTF-16 units of a part, at least 2.
    """
    parts, rest = list[str](), text.strip()
    while rest:
        end = _end(rest, limit)
        if end < len(rest):
            end = _pause(rest, end)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def length_of(text: str) -> int:
    """Return a text's length in UTF-16 units.

    Args:
        text: Any text.
    """
    return len(text) + sum(ord(each) >= _BEYOND_BMP for each in text)


def _end(text: str, limit: int) -> int:
    """Return how many characters of a text fit."""
    units = 0
    for index, each in enumerate(text[: limit + 1]):
        units += 2 if ord(each) >= _BEYOND_BMP else 1
        if units > limit:
            return index
    return len(text)


def _pause(text: str, end: int) -> int:
    """Return the best place to cut at or before `end`; not in the first half, or messages get many and short."""
    for pause in _PAUSES:
        # One character more: a pause may begin where the part ends.
        places = [found.end() for found in pause.finditer(text, end // 2, end + 1) if found.end() <= end + 1]
        if places:
            return places[-1]
    return next((place for place in range(end, end // 2, -1) if not _joins(text, place)), end)


def _joins(text: str, place: int) -> bool:
    """Return whether what stands on both sides of a place is seen as one character."""
    before, after = text[place - 1], text[place]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M") or _is_skin_tone(after):
        return True
    if not _is_flag_half(after):
        return False
    halves = re.search(r"[\U0001F1E6-\U0001F1FF]*$", text[:place])
    return halves is not None and len(halves.group()) % 2 == 1


def _is_skin_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
