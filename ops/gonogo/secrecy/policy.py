"""What the table [secrets] of gonogo.toml asks for. Pure: it is read from the parsed table, problems are told."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from gonogo.model import SecretException, SecretPolicy, SecretRow

_KEYS = {"max_age_days", "variables", "exceptions"}
_ROW = {"owner", "overlap", "max_age_days", "rotated"}
_OVERLAPS = ("native", "app", "none")
_TEXTS = ("rule", "subject", "reason", "who")
# What the kinds of secrets of docs/secrets.md stand for where a project says nothing.
_DAYS = {"DATABASE_URL": 180, "REDIS_URL": 180, "SCRATCH_DATABASE_URL": 180, "XAI_API_KEY": 180}

Add = Callable[[str], None]


def read(at: str, table: Mapping[str, Any], add: Add) -> SecretPolicy:
    """Return the policy; what is not said is as its default.

    Args:
        at: the table's name.
        table: the table.
        add: told of each problem.
    """
    for key in sorted(set(table) - _KEYS):
        add(f"{at}.{key} is not a key; known are {', '.join(sorted(_KEYS))}")
    days = _days(f"{at}.max_age_days", table.get("max_age_days", 90), add)
    given = table.get("variables", {})
    if not isinstance(given, Mapping) or not all(isinstance(row, Mapping) for row in given.values()):
        add(f"{at}.variables must be tables, as in [{at}.variables.DATABASE_URL]")
        given = {}
    rows = {name: SecretRow(name=name, max_age_days=days) for name, days in _DAYS.items()}
    rows |= {name: _row(f"{at}.variables.{name}", name, row, add) for name, row in given.items()}
    return SecretPolicy(
        max_age_days=days or 90, rows=rows, exceptions=_exceptions(f"{at}.exceptions", table.get("exceptions", []), add)
    )


def excused(policy: SecretPolicy, rule: str, subject: str, *, environment: str, today: date) -> str:
    """Return why something is accepted today; empty where it is not."""
    for each in policy.exceptions:
        is_meant = each.rule == rule and fnmatchcase(subject, each.subject)
        if is_meant and each.environment in {"", environment} and today <= each.expires:
            return f"{each.reason} ({each.who}, until {each.expires})"
    return ""


def _row(at: str, name: str, row: Mapping[str, Any], add: Add) -> SecretRow:
    """Return what is said of one secret."""
    for key in sorted(set(row) - _ROW):
        add(f"{at}.{key} is not a key; known are {', '.join(sorted(_ROW))}")
    overlap = row.get("overlap", "")
    if overlap not in {"", *_OVERLAPS}:
        add(f"{at}.overlap must be one of {', '.join(_OVERLAPS)}")
    rotated = row.get("rotated", {})
    if not isinstance(rotated, Mapping) or not all(_is_day(day) for day in rotated.values()):
        add(f"{at}.rotated must be days by environment, as in {{ prod = 2026-01-31 }}")
        rotated = {}
    days = _days(f"{at}.max_age_days", row["max_age_days"], add) if "max_age_days" in row else _DAYS.get(name)
    return SecretRow(
        name=name, owner=str(row.get("owner", "")), overlap=str(overlap), max_age_days=days, rotated=dict(rotated)
    )


def _days(at: str, value: object, add: Add) -> int | None:
    """Return a number of days."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    add(f"{at} must be a whole number of days, more than zero")
    return None


def _exceptions(at: str, rows: object, add: Add) -> tuple[SecretException, ...]:
    """Return what is accepted for a while; one without a reason, a name and a last day would never be taken back."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        add(f"{at} must be a list of tables: write [[{at}]]")
        return ()
    found, problems = [], list[str]()
    for number, row in enumerate(rows, start=1):
        wrong = [f"{at} {number}: {problem}" for problem in _wrong(row)]
        problems += wrong
        if not wrong:
            found.append(SecretException(**row))
    for problem in problems:
        add(problem)
    return tuple(found)


def _wrong(row: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with one exception."""
    known = {*_TEXTS, "expires", "environment"}
    found = [f"{key} is not a key; known are {', '.join(sorted(known))}" for key in sorted(set(row) - known)]
    found += [f"{key} is missing" for key in _TEXTS if not isinstance(row.get(key), str) or not row[key].strip()]
    if not _is_day(row.get("expires")):
        found.append("expires is no day, as in 2026-12-31 without quotes")
    return found


def _is_day(value: object) -> bool:
    """Return whether a value is a day, and no time on one."""
    return isinstance(value, date) and not isinstance(value, datetime)
