"""PostgreSQL's own programs of one major version, run so that they end with us, kill -9 included."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from gonogo.adapters import leash, postgres, processes
from gonogo.adapters.processes import Completed
from gonogo.errors import RefusedError

_PATIENCE_S = 24 * 3600.0
_GRACE_S = 30.0
# What says that a disk is full, in the words of PostgreSQL's programs and of the C library.
_FULL = ("No space left", "Disk quota", "File too large")
_ROOM_BYTES = 256 << 10


def folder(major: int, needed: Sequence[str]) -> Path:
    """Return a folder with the programs of a server's own major version, all of which run.

    Raises:
        RefusedError: there is none, with what is missing where.
    """
    wrong = []
    for each in postgres.folders(major):
        bad = [name for name in needed if not _runs(each / name)]
        if not bad:
            return each
        wrong.append(f"{each}: {', '.join(bad)} {'is' if len(bad) == 1 else 'are'} missing, or cannot be run")
    message = f"there are no programs of PostgreSQL {major} here that could do it"
    why = "the files of a cluster can be handled by programs of its own major version only"
    hint = f"install the packages postgresql-{major} and postgresql-client-{major}, or put their folder first on PATH"
    raise RefusedError("client-too-old", "; ".join((message, *wrong)), why=why, hint=hint)


@cache
def _runs(program: Path) -> bool:
    """Return whether a program is there and can be run."""
    try:
        return processes.run((str(program), "--version"), cwd=program.parent).code == 0
    except RefusedError:
        return False


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Completed:
    """Run a program to its end, on a leash, and return what it said."""
    with tempfile.TemporaryFile() as said, held(command, cwd=cwd, env=env, said=said.fileno()) as process:
        code = process.wait(_PATIENCE_S)
        said.seek(0)
        return Completed(code=code, stdout="", stderr=said.read().decode(errors="replace"))


@contextmanager
def held(
    command: Sequence[str], *, cwd: Path, said: int, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program on a leash, and yield it; it is ended with the block, and killed with this process.

    Args:
        command: the program and its words; no shell reads them.
        cwd: the folder that it runs in.
        said: the file that takes what it prints.
        env: what is added to this process's environment.
    """
    process = subprocess.Popen(
        (sys.executable, "-I", "-S", leash.__file__, *command),
        cwd=cwd,
        env={**os.environ, "LC_MESSAGES": "C", "TZ": "UTC", **(env or {})},
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=said,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let go of the leash: what still runs is killed."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def failure(done: Completed) -> str:
    """Return the line in which a program says why it failed."""
    lines = [line.strip() for line in done.stderr.splitlines()]
    errors = [line for line in lines if "error:" in line or "fatal:" in line]
    return errors[0].partition(": ")[2] if errors else done.last_words


def is_full(done: Completed, where: Path) -> bool:
    """Return whether a program failed because there was no room; where the disk is full its words may be lost too."""
    if any(each in done.stderr for each in _FULL):
        return True
    try:
        with tempfile.NamedTemporaryFile(dir=where) as file:
            file.write(bytes(_ROOM_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return True
    return False
