"""Whether values of one type are also values of another, read and written as before."""

import re

_WIDER = {
    "smallint": ("integer", "bigint"),
    "integer": ("bigint",),
    "real": ("double precision",),
    "character varying": ("text",),
    "json": ("jsonb",),
}
_FORM = re.compile(r"^(?P<base>[^(\[]+)(?:\((?P<size>[\d, ]+)\))?(?P<rest>[^\[]*?)(?P<array>(?:\[\])*)$")
# Types whose length may grow.
_SIZED = {"character varying", "bit varying"}


def is_wider(old: str, new: str) -> bool:
    """Return whether every value of the old type is one of the new, so that old code reads and writes as before."""
    if old == new:
        return True
    was, now = _FORM.match(old), _FORM.match(new)
    if was is None or now is None or was["array"] != now["array"]:
        return False
    old_base, new_base = was["base"] + was["rest"], now["base"] + now["rest"]
    if old_base != new_base:
        return new_base in _WIDER.get(old_base, ()) and now["size"] is None
    return _holds(old_base, _numbers(was["size"]), _numbers(now["size"]))


def _holds(base: str, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    """Return whether the size of a type has not shrunk."""
    if not new:
        return base != "character"
    if not old:
        return False
    if base == "numeric":
        (old_digits, old_scale), (new_digits, new_scale) = (*old, 0)[:2], (*new, 0)[:2]
        return new_scale >= old_scale and new_digits - new_scale >= old_digits - old_scale
    return (base in _SIZED or base.startswith(("time", "interval"))) and new[0] >= old[0]


def _numbers(size: str | None) -> tuple[int, ...]:
    return tuple(int(each) for each in size.split(",")) if size else ()
