"""Files that people read: the evidence log and the reports."""

import os
from pathlib import Path

from gonogo import redaction


class FileLog:
    """An append-only text file, a line per release."""

    def __init__(self, path: Path) -> None:
        """Prepare; the file is made with its first line."""
        self._path = path

    def append(self, line: str) -> None:
        """Add one line durably, after one that lacks its end too."""
        line = redaction.PROCESS.hidden(line)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            written = file.read()
            file.write(line + "\n" if not written or written.endswith("\n") else f"\n{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def contains(self, text: str) -> bool:
        """Return whether a line with this text is there."""
        return self._path.is_file() and text in self._path.read_text(encoding="utf-8")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, without the secrets of this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(redaction.PROCESS.hidden(text), encoding="utf-8")
    part.replace(path)
