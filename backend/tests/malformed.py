"""Payloads that a provider should never send: each breaks a valid one in one place or several.

Every value that stands in for a right one is wrong wherever it is put, so nothing generated here is valid by chance.
"""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

Path = tuple[str | int, ...]
_OPTIONAL = frozenset({"due_on", "due_at", "priority", "estimate_minutes", "project", "recurrence", "at"})
_DEFAULTED = _OPTIONAL | {"notes", "labels"}
_DAYS, _MOMENTS, _IDS = (
    frozenset({"due_on", "on_day"}),
    frozenset({"due_at", "at"}),
    frozenset({"task_id", "citations"}),
)


class Odd(StrEnum):
    """A text that is more than a text."""

    ONE = "1"


class Sly(dict[str, object]):
    """A dictionary that answers with an error."""

    def items(self) -> Any:
        """Fail."""
        raise RuntimeError("an adapter's own defect")


def valid_extraction() -> dict[str, Any]:
    """Return a payload of `extract_structured_updates` that is right, every field in it filled."""
    return {
        "tasks": [
            {
                "title": "Call Ada",
                "notes": "about the engine",
                "due_on": "2026-11-27",
                "due_at": "2026-11-27T15:00:00+00:00",
                "priority": 2,
                "estimate_minutes": 30,
                "project": "Engine",
                "labels": ["phone", "work"],
                "recurrence": "every friday",
            },
            {"title": "Buy milk"},
        ],
        "projects": ["Engine"],
        "people": ["Ada"],
        "ideas": ["An engine that computes"],
        "problems": ["No steam"],
        "dates": [{"label": "Exhibition", "on_day": "2027-05-01", "at": "2027-05-01T09:30:00Z"}],
    }


def valid_plan(task_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return a payload of `rewrite_plan` that is right."""
    items = [
        {"task_id": str(each), "priority": 1, "estimate_minutes": 25, "reason": "It is due today."} for each in task_ids
    ]
    return {"today_plan": items}


def valid_answer(passage_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return a payload of `answer_query` that is right."""
    return {"answer": "On Friday at three.", "citations": [str(each) for each in passage_ids], "confidence": 0.75}


def _nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


def _cyclic() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


def _swollen() -> list[object]:
    # Few objects, a million million values.
    value: list[object] = [0] * 10
    for _ in range(9):
        value = [value] * 10
    return value


# Called for each example: some can be changed, some must be new.
_ANYWHERE: tuple[Callable[[], object], ...] = (
    lambda: b"bytes",
    lambda: bytearray(b"more"),
    object,
    lambda: math.nan,
    lambda: math.inf,
    lambda: -math.inf,
    lambda: -1,
    lambda: 10**30,
    lambda: 10**5000,
    lambda: 1.5,
    lambda: True,
    lambda: False,
    lambda: 1j,
    lambda: Decimal(1),
    lambda: {"unexpected": 1},
    lambda: {1: "a key that is a number"},
    lambda: {"a", "set"},
    frozenset,
    lambda: iter([]),
    lambda: Odd.ONE,
    lambda: ValueError("returned, not raised"),
    lambda: range(3),
    lambda: len,
    lambda: datetime(2026, 11, 21, tzinfo=UTC).time(),
    lambda: Sly(answer="yes", tasks=[], today_plan=[]),
    lambda: _nested(30),
    lambda: _nested(3_000),
    _cyclic,
    _swollen,
    lambda: "x" * 1_000_001,
    lambda: "half of a pair \ud800",
    lambda: "nul \x00",
)
_TEXTS: tuple[object, ...] = (0, 1, 0.5, [], ["a"], {}, date(2026, 1, 1), UUID(int=1))
_UNREADABLE: tuple[object, ...] = ("", " \n\t", "\u200b\u200e", "x" * 20_001)
_NUMBERS: tuple[object, ...] = ("", "1", "0.5", "two", "1e2", "NaN", [], [1], {}, 10**9, -0.5)
_INTEGERS: tuple[object, ...] = (0, 1.0, 2.0, 0.5, 10_081)
_DAYS_WRONG: tuple[object, ...] = (
    *("", "tomorrow", "2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "1700000000", "20261127", "2026-11-28"),
    *("27.11.2026", "2026-11-27T00:00:00", "2026-11-27T24:00:00Z", 1_700_000_000, 0, 20_261_127, [], {}),
)
_MOMENTS_WRONG: tuple[object, ...] = (
    *_DAYS_WRONG,
    *("2026-11-27", "15:00", "2026-11-27T15:00:00", "2026-12-27T15:00:00Z", "2026-11-27T15:00:00+25:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1700000000.5"),
)
_LISTS: tuple[object, ...] = (None, "", "a, b", 0, {}, {"0": "a"}, (), ("a",), [None], [[]], [{}], [1], [b"a"], [""])
_DICTS: tuple[object, ...] = (None, "", "{}", 0, [], [[]], [("title", "a")], {}, {"title": None})
_NO_DICTS: tuple[object, ...] = (None, "", "{}", "null", 0, 1, 0.0, [], [{}], (), NotImplemented, Ellipsis, dict, type)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Site:
    """A place in a payload.

    Attributes:
        path: Keys and indexes that lead to it.
        value: What rightly stands there.
    """

    path: Path
    value: object

    @property
    def name(self) -> str:
        """The last key on the way."""
        return next((each for each in reversed(self.path) if isinstance(each, str)), "")

    @property
    def is_field(self) -> bool:
        """Whether it is a field of an object, rather than an item of a list."""
        return isinstance(self.path[-1], str)


def _sites(value: object, path: Path = ()) -> Iterator[_Site]:
    if path:
        yield _Site(path=path, value=value)
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _sites(each, (*path, key))
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _sites(each, (*path, index))


def _wrong(site: _Site) -> tuple[object, ...]:
    nothing = () if site.is_field and site.name in _OPTIONAL else (None,)
    if isinstance(site.value, list):
        return (*_LISTS, site.value * 60)
    if isinstance(site.value, dict):
        return (*_DICTS, {**site.value, "extra": 1}, {**site.value, "": None}, list(site.value.items()))
    return (*nothing, *_wrong_scalars(site))


def _wrong_scalars(site: _Site) -> tuple[object, ...]:
    if site.name == "confidence":
        return (*_NUMBERS, 1.000001, 2)
    if isinstance(site.value, int):
        return (*_NUMBERS, *_INTEGERS)
    if site.name in _DAYS:
        return _DAYS_WRONG
    if site.name in _MOMENTS:
        return _MOMENTS_WRONG
    if site.name in _IDS:
        return (*_TEXTS[:-1], "", "1", "not an id", str(uuid4()), uuid4(), "0" * 32)
    return _TEXTS if site.name == "notes" else (*_TEXTS, *_UNREADABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How to make one malformed payload; shown by name, since many of them cannot be shown.

    Attributes:
        name: What is wrong, and where.
        make: Returns the payload, a new one each time.
    """

    name: str
    make: Callable[[], object] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Break:
    """One thing wrong in one place.

    Attributes:
        path: Where.
        make: Returns what stands there instead; None when nothing does.
        name: What that is.
    """

    path: Path
    make: Callable[[], object] | None
    name: str

    def do(self, payload: Any) -> None:
        """Break a payload here."""
        for key in self.path[:-1]:
            payload = payload[key]
        if self.make is None:
            del payload[self.path[-1]]
        else:
            payload[self.path[-1]] = self.make()


def _breaks(valid: dict[str, Any]) -> list[_Break]:
    sites = list(_sites(valid))
    found = [
        _Break(path=site.path, make=_copied(value), name=_shown(value)) for site in sites for value in _wrong(site)
    ]
    dropped = [site for site in sites if site.is_field and site.name not in _DEFAULTED]
    found += [_Break(path=site.path, make=None, name="nothing") for site in dropped]
    objects = [(), *(site.path for site in sites if isinstance(site.value, dict))]
    found += [
        _Break(path=(*path, "extra"), make=_copied(value), name="extra") for path in objects for value in (None, 1)
    ]
    return found


def _anywhere(valid: dict[str, Any]) -> list[_Break]:
    return [
        _Break(path=site.path, make=make, name=f"odd value {index}")
        for site in _sites(valid)
        for index, make in enumerate(_ANYWHERE)
    ]


def _copied(value: object) -> Callable[[], object]:
    return lambda: copy.deepcopy(value) if isinstance(value, (list, dict)) else value


def _shown(value: object) -> str:
    return repr(value)[:60]


def _broken(valid: dict[str, Any], breaks: list[_Break]) -> Recipe:
    def make() -> object:
        payload = copy.deepcopy(valid)
        # The deepest first, so that each way still exists.
        for each in sorted(breaks, key=lambda each: len(each.path), reverse=True):
            each.do(payload)
        return payload

    return Recipe(name="; ".join(f"{each.path}: {each.name}" for each in breaks), make=make)


def _whole(valid: dict[str, Any]) -> list[Recipe]:
    makes = [*_ANYWHERE, *(_copied(each) for each in (*_NO_DICTS, [valid], {"data": valid}, {"result": [valid]}))]
    return [Recipe(name=f"whole {index}", make=make) for index, make in enumerate(makes)]


def malformed(valid: dict[str, Any]) -> st.SearchStrategy[Recipe]:
    """Generate recipes of payloads that are not valid, from one that is.

    Args:
        valid: With every field and list filled, so that there is something to break.
    """
    one = st.one_of(st.sampled_from(_breaks(valid)), st.sampled_from(_anywhere(valid)))
    # One for each place: the last one drawn.
    some = st.lists(one, min_size=1, max_size=3).map(lambda breaks: list({each.path: each for each in breaks}.values()))
    broken = some.map(lambda breaks: _broken(valid, breaks))
    return st.one_of(broken, broken, broken, st.sampled_from(_whole(valid)))
