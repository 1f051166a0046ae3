"""Payloads made of plain values, and not of more of them than anybody needs."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

_DEPTH_MAX = 12
_VALUES_MAX = 20_000
_CHARACTERS_MAX = 1_000_000
_ATOMS = frozenset({str, bool, int, float, type(None), date, datetime, UUID})


class NotPlainError(ValueError):
    """There is something else in it, or too much."""


class _Allowance:
    """What may still be read; shared structures are counted as often as they are reached."""

    def __init__(self) -> None:
        self.values = _VALUES_MAX
        self.characters = _CHARACTERS_MAX

    def spend(self, text: str = "") -> None:
        self.values -= 1
        self.characters -= len(text)
        if self.values < 0 or self.characters < 0:
            raise NotPlainError("too much")


def plain(payload: object) -> object:
    """Return a payload made anew, of dictionaries, lists, texts, numbers, days, moments and UUIDs.

    Classes are compared exactly: what only behaves like a dictionary may behave otherwise the next time.

    Args:
        payload: Anything.

    Raises:
        NotPlainError: There is something else in it, or too much.
    """
    return _plain(payload, _Allowance(), depth=_DEPTH_MAX)


def _plain(value: object, allowance: _Allowance, *, depth: int) -> object:
    if depth == 0:
        raise NotPlainError("nested too deep")
    if type(value) is dict or isinstance(value, BaseModel):
        return {_key(key, allowance): _plain(each, allowance, depth=depth - 1) for key, each in _pairs(value)}
    if type(value) is list:
        return [_plain(each, allowance, depth=depth - 1) for each in value]
    return _atom(value, allowance)


def _pairs(value: dict[object, object] | BaseModel) -> Iterator[tuple[object, object]]:
    yield from value.items() if isinstance(value, dict) else value


def _key(key: object, allowance: _Allowance) -> str:
    if type(key) is not str:
        raise NotPlainError("a key that is no text")
    allowance.spend(key)
    return key


def _atom(value: object, allowance: _Allowance) -> object:
    if type(value) not in _ATOMS:
        raise NotPlainError("no plain value")
    allowance.spend(value if isinstance(value, str) else "")
    return value
