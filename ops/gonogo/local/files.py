"""Files of the local stack: private, and written in one piece."""

import json
import os
import tempfile
from pathlib import Path

from gonogo.model import JSON

PRIVATE_FOLDER = 0o700


def folder(path: Path) -> Path:
    """Make a folder that only we may list, with its parents, and return it."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path


def write(path: Path, text: str) -> None:
    """Replace a file in one step; nobody but us may read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def write_json(path: Path, data: JSON) -> None:
    """Replace a JSON file in one step; nobody but us may read it."""
    write(path, json.dumps(data, indent=1))


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a text file; empty when there is none."""
    if not path.exists():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def append(path: Path, text: str) -> None:
    """Add to a file."""
    folder(path.parent)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
