"""JSON as the standard has it: no NaN, no infinity, no key twice, no end of the stack."""

import json
import math
import re
from typing import NoReturn

# Inside braces: a string, closed or not, or a brace. Possessive, so that a long unclosed string costs one look.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|[{}]', re.DOTALL)
_BRACKET = re.compile(r"[{}\[\]]")


class UnfinishedError(ValueError):
    """The text ends inside of an object."""


def parse(text: str) -> object:
    """Return what a JSON text says.

    Args:
        text: The whole of it is one value.

    Raises:
        ValueError: It is not JSON, or more than the standard allows, or nested too deep.
    """
    try:
        return json.loads(
            text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique, parse_int=_bounded
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def parse_answer(text: str) -> object:
    """Return what a text says that is JSON, or holds one object among other words or in a fence.

    Args:
        text: What somebody wrote who was asked for JSON.

    Raises:
        UnfinishedError: It ends inside of an object.
        ValueError: It holds no object, or several.
    """
    try:
        return parse(text)
    except ValueError:
        start, end = _block(text)
    if _BRACKET.search(text, 0, start) or _BRACKET.search(text, end):
        raise ValueError("more than one value")
    return parse(text[start:end])


def _block(text: str) -> tuple[int, int]:
    start, depth = text.find("{"), 0
    if start < 0:
        raise ValueError("no object")
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return start, token.end()
    raise UnfinishedError


def _refuse(_word: str) -> NoReturn:
    raise ValueError("not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


def _bounded(digits: str) -> int:
    # Longer ones take time that grows with the square of their length; none of ours has half as many digits.
    if len(digits) > 40:  # noqa: PLR2004
        raise ValueError("too large a number")
    return int(digits)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found
