"""Folders that are written beside their place and renamed at once; what a killed run left is removed by the next."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from gonogo.errors import RefusedError

# A name of its own: what others leave unfinished beside is not ours to judge.
_OWNER = "gonogo-owner"
_DAY_S = 86_400
_MINUTE_S = 60
_TRIES = 50


@contextmanager
def draft(folder: Path, name: str) -> Iterator[Path]:
    """Yield a folder of our own for what will be NAME; it is gone after the block, however that ends.

    Raises:
        RefusedError: another run is at work on the same name, or nothing can be written there.
    """
    path = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for each in folder.glob(".*.part"):
            _sweep(each)
        path.mkdir(mode=0o700)
        (path / _OWNER).write_text(f"{socket.gethostname()} {os.getpid()} {_began(os.getpid())}\n", encoding="utf-8")
    except FileExistsError:
        message = f"another run writes {name} at this moment"
        raise RefusedError("backup-running", message, where=str(path), hint="wait for it") from None
    except OSError as error:
        raise RefusedError("backup-failed", f"{folder} cannot be written to: {error.strerror}") from None
    try:
        yield path
    finally:
        remove(path)


def publish(path: Path, to: Path, *names: str) -> None:
    """Give a folder its name, in one step that survives a crash of the machine.

    Args:
        path: the folder; its files are on the disk already, but for those named.
        to: the name.
        names: the files in it that are not.

    Raises:
        RefusedError: something has that name.
    """
    for each in (*(path / name for name in names), path):
        _sync(each)
    try:
        path.rename(to)
    except OSError as error:
        raise RefusedError("backup-failed", f"{to.name} cannot be written: {error.strerror}", where=str(to)) from None
    _sync(to.parent)


def remove(path: Path) -> None:
    """Remove a folder; what was killed a moment ago may still write into it."""
    for _ in range(_TRIES):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.1)


def _sync(path: Path) -> None:
    """Have a file or folder written to the disk."""
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(path: Path) -> None:
    """Remove what a run of ours has left that is not at work any more."""
    with suppress(OSError, ValueError):
        age_s = time.time() - path.stat().st_mtime
        if not (path / _OWNER).exists():
            if age_s > _MINUTE_S:
                path.rmdir()  # made, and killed before it was signed; with anything in it, it is somebody else's
            return
        host, pid, since = (path / _OWNER).read_text(encoding="utf-8").split()
        if _began(int(pid)) != since if host == socket.gethostname() else age_s > _DAY_S:
            remove(path)


def _began(pid: int) -> str:
    """Return when a process began, so that a number used again is not taken for it; empty for none."""
    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return ""
