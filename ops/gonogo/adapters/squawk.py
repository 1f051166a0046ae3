"""squawk, the pinned linter for SQL: every revision's file in one call."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gonogo.adapters import processes
from gonogo.errors import RefusedError
from gonogo.lint.squawk import OFF
from gonogo.model import Said

# The version whose rules are judged by.
_SERVER = "--pg-version=15.0"
_AT_ONCE = 400


def said(scripts: Sequence[str]) -> tuple[tuple[Said, ...], ...]:
    """Return what squawk says of each script; a file for each, or it takes what one makes for new in the next.

    Raises:
        RefusedError: squawk is missing, or cannot be understood.
    """
    found: list[list[Said]] = [[] for _ in scripts]
    with tempfile.TemporaryDirectory(prefix="gonogo-squawk-") as folder:
        named = [(index, Path(folder) / f"{index}.sql") for index, text in enumerate(scripts) if text.strip()]
        for index, path in named:
            path.write_text(scripts[index], encoding="utf-8")
        for start in range(0, len(named), _AT_ONCE):
            _ask([path.name for _, path in named[start : start + _AT_ONCE]], Path(folder), found)
    return tuple(tuple(each) for each in found)


def _ask(names: Sequence[str], folder: Path, found: list[list[Said]]) -> None:
    """Let squawk read some files, and sort what it says by their numbers."""
    command = (_program(), "--reporter=json", _SERVER, f"--exclude={','.join(OFF)}", *names)
    done = processes.run(command, cwd=folder)
    try:
        rows = json.loads(done.stdout or "[]")
    except ValueError:
        raise RefusedError("lint-failed", f"squawk cannot read the SQL: {done.last_words}") from None
    for row in rows:
        found[int(Path(row["file"]).stem)].append(
            Said(rule=row["rule_name"], line=row["line"] + 1, message=row["message"], help=row.get("help") or "")
        )


def _program() -> str:
    """Return the squawk that is installed beside this interpreter."""
    beside = Path(sys.executable).with_name("squawk")
    return str(beside) if beside.exists() else "squawk"
