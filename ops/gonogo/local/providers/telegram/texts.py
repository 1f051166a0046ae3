"""A message's text: its entities parsed away, and counted as Telegram counts."""

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

from gonogo.local.providers.telegram.failures import bad_request

TEXT_MAX = 4096
_PLAIN_TAGS = ("a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong", "u")
_TAGS = frozenset((*_PLAIN_TAGS, "tg-emoji", "tg-spoiler"))
_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_PAIRS = ("||", "__", "*", "_", "~", "`")
_LINK = re.compile(r"\[((?:\\.|[^\]\\])*)\]\(((?:\\.|[^)\\])*)\)")
_BARE = re.compile(r"<(?!/?[a-zA-Z])")


def units(text: str) -> int:
    """Return how long a text is: in UTF-16 units, of which an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, parse_mode: str) -> str:
    """Return what is left of a text when its entities are parsed.

    Raises:
        Failed: they cannot be.
    """
    if not parse_mode:
        return text
    read = _READERS.get(parse_mode.lower())
    if read is None:
        raise bad_request("unsupported parse_mode")
    return read(text)


class _Html(HTMLParser):
    """HTML as Telegram allows it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _TAGS:
            raise _unparsed(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise _unparsed(f'Unmatched end tag at byte offset {self.getpos()[1]}, found "</{tag}>"')

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _html(text: str) -> str:
    if found := _BARE.search(text):
        raise _unparsed(f'Unsupported start tag "" at byte offset {_offset(text, found.start())}')
    parser = _Html()
    parser.feed(text)
    parser.close()
    if parser.open:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{parser.open[-1]}"')
    return "".join(parser.words)


def _markdown_v2(text: str) -> str:
    words: list[str] = []
    opened: list[str] = []
    rest = _LINK.sub(lambda found: found[1], text)
    while rest:
        taken, mark = _next_mark(rest, in_code="`" in opened)
        if mark is None:
            words.append(taken[-1])
        elif opened and opened[-1] == mark:
            opened.pop()
        elif mark in opened:
            raise _unparsed(f"Can't find end of the entity starting at byte offset {_offset(text, text.find(mark))}")
        else:
            opened.append(mark)
        rest = rest[len(taken) :]
    if opened:
        raise _unparsed(f"Can't find end of the entity starting at byte offset {_offset(text, text.find(opened[-1]))}")
    return "".join(words)


def _next_mark(rest: str, *, in_code: bool) -> tuple[str, str | None]:
    """Return what to take from the front, and the mark that it is; None for a letter, escaped or not."""
    if rest[0] == "\\" and len(rest) > 1:
        return rest[:2], None
    pairs = ("`",) if in_code else _PAIRS
    mark = next((each for each in pairs if rest.startswith(each)), None)
    if mark is None and not in_code and rest[0] in _RESERVED:
        raise _unparsed(f"Character '{rest[0]}' is reserved and must be escaped with the preceding '\\'")
    return mark or rest[0], mark


def _markdown(text: str) -> str:
    rest = _LINK.sub(lambda found: found[1], text)
    for mark in ("*", "_", "`", "["):
        if rest.replace("\\" + mark, "").count(mark) % 2:
            raise _unparsed(f"Can't find end of the entity starting at byte offset {_offset(text, text.rfind(mark))}")
    return re.sub(r"(?<!\\)[*_`]", "", rest)


_READERS: Mapping[str, Callable[[str], str]] = {"html": _html, "markdownv2": _markdown_v2, "markdown": _markdown}


def _offset(text: str, index: int) -> int:
    return len(text[: max(0, index)].encode())


def _unparsed(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")
