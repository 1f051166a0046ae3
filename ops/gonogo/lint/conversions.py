"""What a change of a column's type costs: nothing, a rewrite, or values."""

import re
from enum import Enum

_ALIASES = {
    "character varying": "varchar", "character": "char", "bpchar": "char", "int": "integer", "int4": "integer",
    "int8": "bigint", "int2": "smallint", "decimal": "numeric", "float8": "double precision", "float4": "real",
    "float": "double precision", "bool": "boolean", "timestamptz": "timestamp with time zone",
    "timestamp without time zone": "timestamp", "timetz": "time with time zone", "time without time zone": "time",
    "varbit": "bit varying", "serial": "integer", "bigserial": "bigint",
}  # fmt: skip
_FORM = re.compile(r"([a-z_ ]+?) ?\(([\d ,]+)\)(.*)")
# What holds more stands further right; only within a line.
_WIDTHS = (("smallint", "integer", "bigint", "numeric"), ("real", "double precision"), ("date", "timestamp"))
_TEXTS = {"varchar", "text"}
_NARROWER = {
    ("timestamp with time zone", "timestamp"), ("timestamp with time zone", "date"), ("timestamp", "date"),
    ("text", "char"), ("double precision", "integer"), ("double precision", "bigint"), ("numeric", "real"),
    ("numeric", "double precision"), ("real", "integer"), ("text", "integer"), ("text", "bigint"),
    ("varchar", "integer"), ("varchar", "bigint"), ("text", "boolean"), ("text", "uuid"), ("varchar", "uuid"),
    ("text", "date"), ("varchar", "date"), ("jsonb", "json"), ("varchar", "boolean"), ("timestamp", "time"),
}  # fmt: skip


class Change(Enum):
    """What a change of type does."""

    FREE = "free"
    REWRITES = "rewrites"
    NARROWS = "narrows"


def compare(old: str, new: str, *, using: str = "", column: str = "", is_utc: bool = False) -> Change:
    """Return what it costs to go from one type to another.

    Args:
        old: the type before; empty when it is not known.
        new: the type after.
        using: the expression that converts; a plain cast says no more than the types.
        column: the column's name, to know a plain cast by.
        is_utc: whether the session's time zone is UTC.
    """
    (before, few), (after, many) = _parsed(old), _parsed(new)
    is_cast = re.fullmatch(rf"\(?{re.escape(column)}\)?(?:::[\w ()\[\],.\"]+)*", using or column) is not None
    if _narrows(before, few, after, many):
        return Change.NARROWS
    if not is_cast:
        return Change.REWRITES
    if before == after:
        return Change.FREE if _fits(before, few, many) else Change.REWRITES
    is_text = before in _TEXTS and after in _TEXTS and not many
    is_zone = is_utc and {before, after} == {"timestamp", "timestamp with time zone"}
    return Change.FREE if is_text or is_zone or (before, after) == ("cidr", "inet") else Change.REWRITES


def _parsed(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a type's name as PostgreSQL knows it, and its numbers."""
    form = _FORM.fullmatch(text.strip().removeprefix("pg_catalog."))
    name, numbers = (form[1] + form[3], tuple(int(each) for each in form[2].split(","))) if form else (text.strip(), ())
    name = name.removeprefix("pg_catalog.").strip()
    return _ALIASES.get(name, name), numbers


def _fits(name: str, few: tuple[int, ...], many: tuple[int, ...]) -> bool:
    """Return whether the same type with other numbers needs no rewrite."""
    if few == many:
        return True
    if name == "char":
        return False
    if not many:
        return True
    if name == "numeric" and few:
        return few[0] <= many[0] and (few[1:] or (0,)) == (many[1:] or (0,))
    return bool(few) and few[0] <= many[0]


def _narrows(before: str, few: tuple[int, ...], after: str, many: tuple[int, ...]) -> bool:
    """Return whether values may not fit any more."""
    if (before, after) in _NARROWER:
        return True
    if not before:
        return bool(many) and after in {"varchar", "char"}
    if before == after or (before in _TEXTS and after in {"varchar", "char"}):
        return bool(many) and (not few or many[0] < few[0] or _whole(many) < _whole(few))
    order = next((each for each in _WIDTHS if before in each and after in each), ())
    return bool(order) and order.index(after) < order.index(before)


def _whole(numbers: tuple[int, ...]) -> int:
    """Return how many digits a number may have before its point."""
    return numbers[0] - numbers[1] if len(numbers) > 1 else numbers[0] if numbers else 0
