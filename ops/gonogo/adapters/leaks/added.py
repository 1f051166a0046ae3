"""What each commit of a git history added: its message, and the lines of its files, a hunk at a time."""

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from gonogo.errors import RefusedError
from gonogo.secrecy.sheets import Origin

_FORMAT = "--format=%x00%H%n%B%n%x00."
# One line's worth of changes, whatever the person's own git settings say; merges show what neither parent had.
_HOW = (
    *("-c", "core.quotePath=false", "-c", "diff.algorithm=myers", "-c", "log.showSignature=false", "log", "--cc"),
    *("--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--text", "--no-color", "--patch"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-notes", "--encoding=UTF-8", "--root"),
)
_HUNK = re.compile(rb"^(@@+) .* \+(\d+)(?:,\d+)? @@+")

Take = Callable[[Origin, bytes], None]


def read(root: Path, tips: Iterable[str], *, take: Take, seen: Callable[[str], None]) -> None:
    """Hand on what the commits added that are not below some others.

    Args:
        root: the repository.
        tips: commits that were read before, with all below them.
        take: told of each text and where it is from.
        seen: told of each commit.

    Raises:
        RefusedError: git cannot read the history.
    """
    command = ("git", *_HOW, _FORMAT, "--all", "HEAD", "--stdin")
    # These go through standard input: there may be thousands of refs.
    wanted = "\n".join(f"^{tip}" for tip in tips)
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _give(process.stdin, wanted)
            for origin, text in _texts(process.stdout or (), seen):
                take(origin, text)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise RefusedError("history-unreadable", f"git log ended with {process.returncode}", hint="git fsck")


def _give(stream: IO[bytes] | None, text: str) -> None:
    """Write a text and close."""
    if stream:
        stream.write(f"{text}\n".encode())
        stream.close()


def _texts(lines: Iterable[bytes], seen: Callable[[str], None]) -> Iterator[tuple[Origin, bytes]]:
    """Yield what was added, out of what git prints."""
    reader = _Reader()
    for line in lines:
        done = reader.feed(line)
        if done:
            yield done
        if reader.began:
            seen(reader.commit)
            reader.began = False
    done = reader.end()
    if done:
        yield done


class _Reader:
    """Follows what git prints, line by line: a commit's message, then for each file a head and hunks."""

    def __init__(self) -> None:
        self.commit = ""
        self.began = False
        self._path = ""
        self._line = 0
        self._columns = 0  # of signs before a line of a hunk; 0 outside of one
        self._in_message = False
        self._texts: list[bytes] = []

    def feed(self, line: bytes) -> tuple[Origin, bytes] | None:
        """Take a line, and return a text that has come to its end with it."""
        if self._in_message:
            return self._message(line)
        if self._columns and line[:1] in {b"+", b"-", b" ", b"\\", b"\n"}:
            self._content(line)
            return None
        done = self.end()
        if line.startswith(b"\0"):
            self.commit = line[1:].strip().decode()
            self.began, self._in_message, self._path, self._columns = True, True, "", 0
        elif hunk := _HUNK.match(line):
            self._columns, self._line = len(hunk[1]) - 1, int(hunk[2])
        elif line.startswith(b"+++ "):
            self._path = _path(line[4:])
        elif line.startswith(b"diff "):
            self._columns = 0
        return done

    def end(self) -> tuple[Origin, bytes] | None:
        """Return the hunk so far, if it added anything."""
        if not self._texts:
            return None
        text, self._texts = b"".join(self._texts), []
        place = "history" if self._path else "message"
        line = self._line if self._path else 0
        return Origin(place=place, path=self._path, commit=self.commit, line=line), text

    def _message(self, line: bytes) -> tuple[Origin, bytes] | None:
        """Take a line of a message, or its end."""
        if line.startswith(b"\0."):
            self._in_message = False
            return self.end()
        self._texts.append(line)
        return None

    def _content(self, line: bytes) -> None:
        """Take a line of a hunk, if it was added against every parent or at least against one."""
        signs = line[: self._columns]
        if b"+" in signs and b"-" not in signs:
            self._texts.append(line[self._columns :])


def _path(said: bytes) -> str:
    """Return the path of a file's head; empty for one that was deleted."""
    path = said.rstrip(b"\r\n").rstrip(b"\t")
    if path.startswith(b'"'):
        path = path.strip(b'"').decode("unicode_escape").encode("latin-1")
    return path.removeprefix(b"b/").decode("utf-8", "replace") if path != b"/dev/null" else "(deleted)"
