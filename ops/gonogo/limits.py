"""The limits of an environment, read from their table: numbers in the unit of their names, and switches. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from gonogo.model import Limits

# Limits that nothing can be done with at zero: a rate, a pause, a count of tries.
_NEVER_ZERO = {"poll_s", "settle_s", "bake_rate", "bake_min_requests", "migrate_attempts"}


def read(at: str, table: Mapping[str, Any], add: Callable[[str], None]) -> Limits:
    """Return the limits; what is not said is as its default.

    Args:
        at: the table's name.
        table: the table.
        add: told of each problem.
    """
    known = {each.name: each.type for each in fields(Limits)}
    good: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            add(f"{at}.{key} is not a limit; known are {', '.join(sorted(known))}")
        elif wrong := _wrong(key, value, known[key]):
            add(f"{at}.{key} {wrong}")
        else:
            good[key] = value
    return Limits(**good)


def _wrong(key: str, value: object, kind: object) -> str:
    """Return what a limit must be and is not; empty when it is good."""
    if kind is bool:
        return "" if isinstance(value, bool) else "must be true or false, without quotes"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return "must be a number of zero or more"
    if kind is int and not isinstance(value, int):
        return "must be a whole number"
    return "must be more than zero" if key in _NEVER_ZERO and value == 0 else ""
