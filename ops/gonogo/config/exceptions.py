"""Read the file of what an earlier release may break on; every problem is said at once.

May not know what a release is, nor what day it is.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from gonogo.errors import ConfigurationError
from gonogo.model.schemas import Excuse

_TEXTS = ("what", "revision", "reason", "who")
_KEYS = {*_TEXTS, "expires"}


def read(path: Path | None) -> tuple[Excuse, ...]:
    """Return the exceptions of a file; none where there is no file.

    Raises:
        ConfigurationError: it cannot be read, or an exception is not complete; all of them at once.
    """
    if path is None or not path.is_file():
        return ()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("exceptions-unreadable", f"{path.name} cannot be read: {error}") from None
    problems = [f"{key} is not known; write [[exception]]" for key in sorted({*document} - {"exception"})]
    rows = document.get("exception", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems, rows = [*problems, "exception is no list of tables; write [[exception]]"], []
    for number, row in enumerate(rows, start=1):
        problems += [f"exception {number}: {problem}" for problem in _problems(row)]
    if problems:
        raise ConfigurationError(
            "exceptions-incomplete",
            f"{path.name} is not complete",
            problems=tuple(problems),
            hint=f"mend {path.name}: an exception without a reason, a name and a last day is never taken back",
        )
    return tuple(Excuse(**{key: str(value) for key, value in row.items()}) for row in rows)


def _problems(row: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with one exception."""
    found = [f"{key} is not a key; known are {', '.join(sorted(_KEYS))}" for key in sorted({*row} - _KEYS)]
    found += [f"{key} is missing" for key in _TEXTS if not isinstance(row.get(key), str) or not row[key].strip()]
    if not isinstance(row.get("expires"), date):
        found.append("expires is no day, as in 2026-12-31 without quotes")
    return found
