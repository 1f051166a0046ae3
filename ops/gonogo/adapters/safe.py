"""What is kept of secrets on this machine: both values of a rotation under way, and the operator's own values.

A file is readable by its owner alone, written whole and forced to the disk before anybody acts on it.
"""

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dotenv import dotenv_values

from gonogo import redaction
from gonogo.errors import NeedsPersonError, RefusedError
from gonogo.model import Pair, Secret

_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnValues:
    """Where the operator's own values are kept: read one, and replace one."""

    read: Callable[[str], str | None]
    write: Callable[[str, str], None]


class FileSafe:
    """A folder for the rotations of one environment."""

    def __init__(self, folder: Path, own: OwnValues) -> None:
        """Take the folder, and where own values are; nothing is read yet."""
        self._folder = folder
        self._own = own

    def pair(self, release_id: str) -> Pair | None:
        """Return what was kept for a rotation; None when nothing was.

        Raises:
            NeedsPersonError: it cannot be read.
        """
        path = self._path(release_id)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            name, old, new = str(kept["name"]), str(kept["old"]), kept["new"]
            pair = Pair(
                made_at=datetime.fromisoformat(kept["made_at"]),
                old=Secret(name, old),
                new=None if new is None else Secret(name, str(new)),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"what is kept of {release_id} cannot be read: {type(error).__name__}"
            raise NeedsPersonError("safe-unreadable", message, where=str(path)) from None
        _hide(pair)
        return pair

    def keep(self, release_id: str, pair: Pair) -> None:
        """Keep a rotation's old and new value, durably."""
        _hide(pair)
        kept = {
            "made_at": pair.made_at.isoformat(),
            "name": pair.old.name,
            "old": pair.old.reveal(),
            "new": pair.new.reveal() if pair.new else None,
        }
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(_PRIVATE_FOLDER)
        write_private(self._path(release_id), json.dumps(kept) + "\n")

    def forget(self, release_id: str) -> None:
        """Keep them no more."""
        self._path(release_id).unlink(missing_ok=True)
        self._path(release_id).with_suffix(".part").unlink(missing_ok=True)
        for folder in (self._folder, self._folder.parent):
            with suppress(OSError):  # something else is kept there
                folder.rmdir()

    def own(self, variable: str) -> Secret | None:
        """Return one of the operator's own values as it is kept; None where it is not."""
        found = self._own.read(variable)
        return Secret(variable, found) if found else None

    def change_own(self, variable: str, value: Secret) -> None:
        """Replace one of the operator's own values where it is kept."""
        redaction.PROCESS.hide(value.words)
        self._own.write(variable, value.reveal())

    def _path(self, release_id: str) -> Path:
        """Return a rotation's file."""
        return self._folder / f"{release_id}.json"


def env_file(path: Path | None) -> OwnValues:
    """Return the values that an environment's env file holds; none where it has no such file."""
    return OwnValues(read=lambda name: _read(path, name), write=lambda name, value: _write(path, name, value))


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone reads, whole or not at all, forced to the disk."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path | None, name: str) -> str | None:
    """Return a value of an env file."""
    if path is None or not path.is_file():
        return None
    return dotenv_values(path, interpolate=False).get(name)


def _write(path: Path | None, name: str, value: str) -> None:
    """Replace a value of an env file, whose other lines stay as they are.

    Raises:
        RefusedError: it does not hold the variable on one line, or would read the value as another one.
    """
    if path is None:
        raise RefusedError("own-value-nowhere", f"{name} is kept nowhere", hint="set env_file of the environment")
    text = path.read_text(encoding="utf-8")
    line = re.compile(rf"^(\s*(?:export\s+)?{re.escape(name)}\s*=).*$", re.MULTILINE)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    quoted = value if re.fullmatch(r"[\w.,:/@%+~-]+", value) else f"'{escaped}'"
    changed, count = line.subn(lambda found: found[1] + quoted, text)
    if count != 1:
        message = f"{path.name} has {count} lines that set {name}"
        raise RefusedError("own-value-unclear", message, where=str(path), hint=f"leave one line with {name}=")
    write_private(path, changed)
    if _read(path, name) != value:
        write_private(path, text)
        raise RefusedError("own-value-unclear", f"{path.name} would not hold the new {name} as it is", where=str(path))


def _hide(pair: Pair) -> None:
    """Let no process output show either value."""
    redaction.PROCESS.hide((*pair.old.words, *(pair.new.words if pair.new else ())))
