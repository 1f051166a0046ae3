"""Text without what must never be shown, whatever form a secret has taken on its way.

What this process must never show is told once, where an environment's values are read; the doors through which text
leaves (console, ledger, log file, evidence log, reports) ask for it. May not import anything of ours.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

STARS = "***"
# Shorter words would garble every text; the check secrets-are-real refuses secrets shorter than eight.
_SHORTEST = 6
# What is a secret by its looks alone: a password in a URL, a bearer token, a token of Coolify's; each with a sign that
# it cannot be without, for most texts have none of them.
_LOOKS = (
    ("://", re.compile(r"(\w://[^\s/@:\"']*:)[^\s/@\"']+@"), rf"\1{STARS}@"),
    ("bearer", re.compile(r"(?i)(\bbearer\s+)[\w|.~+/=-]{8,}"), rf"\1{STARS}"),
    ("|", re.compile(r"\b\d+\|[A-Za-z0-9]{40,}"), STARS),
)


class Redaction:
    """Words that are never shown. They live in memory only."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """Start with some words."""
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()
        self.hide(words)

    def hide(self, words: Iterable[str]) -> None:
        """Never show these from now on, in none of the forms that encoders give them."""
        with self._lock:
            known = len(self._forms)
            self._forms.update(form for word in words for form in forms(word) if len(word) >= _SHORTEST)
            if len(self._forms) > known:
                longest_first = sorted(self._forms, key=len, reverse=True)
                self._pattern = re.compile("|".join(re.escape(form) for form in longest_first))

    def hidden(self, text: str) -> str:
        """Return a text with stars where a secret stood."""
        folded = text.lower()
        for sign, pattern, instead in _LOOKS:
            if sign in folded:
                text = pattern.sub(instead, text)
        return self._pattern.sub(STARS, text) if self._pattern else text

    def hidden_in(self, data: Any) -> Any:  # JSON
        """Return JSON with stars where a secret stood in a value; keys are names and stay. Records are their fields."""
        if isinstance(data, str):
            return self.hidden(data)
        if fields := getattr(data, "__dataclass_fields__", None):
            return {name: self.hidden_in(getattr(data, name)) for name in fields}
        if isinstance(data, dict):
            return {key: self.hidden_in(value) for key, value in data.items()}
        if isinstance(data, list | tuple):
            return [self.hidden_in(each) for each in data]
        return data


def forms(word: str) -> Iterator[str]:
    """Return a word as encoders write it: as it is, in JSON, in JSON in JSON, a URL, a page, base64 at any offset."""
    spelled = {word, *_quoted(word)}
    yield from spelled
    yield from (each for once in spelled for each in _quoted(once))
    yield from (each.replace("/", "\\/") for each in spelled)  # as PHP writes JSON
    yield from (html.escape(word), html.escape(word, quote=False), quote_plus(word))
    for quoted in (quote(word), quote(word, safe="")):
        yield from (quoted, re.sub("%[0-9A-F]{2}", lambda hit: hit[0].lower(), quoted))
    for skipped, start in enumerate((0, 2, 3)):
        raw = b"\0" * skipped + word.encode()
        inner = base64.b64encode(raw).decode()[start : len(raw) * 8 // 6]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def _quoted(word: str) -> tuple[str, ...]:
    """Return a word as it stands in quotes: in JSON, and in a traceback."""
    among_both_quotes = repr(f"{word}'\"")[1:-4]
    return json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1], repr(word)[1:-1], among_both_quotes


# What this process must never show: the doors know no environment, and an error may have come from anywhere.
PROCESS = Redaction()
