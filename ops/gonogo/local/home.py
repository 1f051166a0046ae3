"""A release that lives for a while: its API and its worker beside one database, and nothing left of them afterwards.

Everything is on a leash: what we have started ends with us, kill -9 included.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from gonogo.adapters import smoke
from gonogo.local import assembly, files, first_release, ports, processes, redis
from gonogo.local.errors import StackError
from gonogo.local.http import JsonClient
from gonogo.local.providers.hosting import PROVIDERS, Thread
from gonogo.local.waiting import until
from gonogo.local.wiretap import Wiretap
from gonogo.model import Checkout, Project, Suite
from gonogo.redaction import Redaction

_START_S = 90.0
# From alive to ready: who says for so long that it is not ready will not be.
_READY_S = 45.0
_GRACE_S = 8.0
_SMOKE_S = 180.0
_LOOK_S = 0.05
_SAID_LINES = 3
# What a service may know of the machine: never the variables of whoever runs us.
_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What a release needs around it.

    Attributes:
        folder: private; records of processes and logs.
        variables: what its services are told; secret.
        tap: the way to the database.
        direct: the database itself, for the suite's own look.
        leash: the reading end of the pipe that keeps everything alive.
        redaction: hides the variables' secrets.
    """

    project: Project
    folder: Path
    variables: Mapping[str, str]
    tap: Wiretap
    direct: str
    leash: int
    redaction: Redaction

    def smoke(
        self, checkout: Checkout, url: str, token: str, *, most_failures: int = 0, command: tuple[str, ...] = ()
    ) -> Suite:
        """Return what a checkout's own suite says of the API at an address.

        Args:
            checkout: the release.
            url: of its API.
            token: what opens it.
            most_failures: after so many it ends, since each may wait for its own deadline; 0 for never.
            command: the suite, or a part of it; empty for all of it.
        """
        told = {
            "SMOKE_ENV": "elder",
            "API_URL": url,
            "API_TOKEN": token,
            "DATABASE_URL": self.direct,
            "REDIS_URL": self.variables["REDIS_URL"],
        }
        command = (
            *(command or self.project.commands.smoke),
            *([f"--maxfail={most_failures}"] if most_failures else []),
        )
        return smoke.run(command, checkout, environ=told, timeout_s=_SMOKE_S)

    def token(self, checkout: Checkout) -> str:
        """Return a new token of the service."""
        said = first_release.run(self.project.stack_issue_token, checkout, variables=self.variables).strip()
        self.redaction.hide([said])
        return said

    @contextmanager
    def lived_in(self, checkout: Checkout, *, only: str = "") -> Iterator["Tenant"]:
        """Yield a release that runs here and serves; it is stopped at the end.

        Args:
            checkout: the release.
            only: the one service that is started; empty for all of them.

        Raises:
            StackError: it does not come up; the message says what it said.
        """
        tenant = Tenant(self, checkout, only=only)
        try:
            tenant.start()
            yield tenant
        finally:
            tenant.stop()


class Tenant:
    """One release's API and worker."""

    def __init__(self, home: Home, checkout: Checkout, *, only: str = "") -> None:
        """Prepare; nothing is started yet."""
        self._home = home
        self._only = only
        self._checkout = checkout
        self._run = secrets.token_hex(3)
        self._children: dict[str, Any] = {}
        port = ports.reserve()
        self._ports = {"api": port}
        self.url = f"http://{ports.LOOPBACK}:{port}"

    def start(self) -> None:
        """Start both at once, and return when the API is ready and the worker beats.

        Raises:
            StackError: one ended, or time is up.
        """
        for name, command in self._home.project.stack_services.items():
            if self._only in {"", name}:
                self._children[name] = self._launched(name, command)
        paths = self._home.project.service
        with JsonClient(self.url) as client:
            self._until(lambda: client.look(paths.live), f"{paths.live} of the API")
            self._until(lambda: client.look(paths.ready), f"{paths.ready} of the API", client=client, seconds=_READY_S)
            if "worker" in self._children:
                self._until(lambda: self._beats(client.look(paths.workers)), "the worker's heartbeat")

    def stop(self) -> None:
        """Ask everything to end, and make it."""
        groups = [child.pid for child in self._children.values()]
        members = [member for pid in groups for member in _members(pid)]
        for pid in groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGTERM)
        psutil.wait_procs(members, timeout=_GRACE_S)
        for child in self._children.values():
            processes.kill_group(child.pid)
            child.wait()
            processes.forget(child.pid, self._home.folder / "processes")
        self._children.clear()

    def said(self, name: str) -> str:
        """Return the last words of a service, without secrets."""
        words = files.tail(self._log(name), _SAID_LINES)
        return self._home.redaction.hidden(" ".join(words.split()))

    def _launched(self, name: str, command: tuple[str, ...]) -> Any:
        port = self._ports.setdefault(name, ports.reserve())
        values = {"{python}": str(self._checkout.python), "{port}": str(port)}
        known = {each: os.environ[each] for each in _PASSED_ON if each in os.environ}
        more = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PORT": str(port)}
        return processes.start(
            processes.Launch(
                purpose=f"elder {name}",
                command=tuple(values.get(word, word) for word in command),
                cwd=self._checkout.path,
                environment={**known, **more, **self._home.variables},
                log=self._log(name),
                leash=self._home.leash,
            ),
            self._home.folder / "processes",
        )

    def _log(self, name: str) -> Path:
        return self._home.folder / "logs" / f"{name}-{self._run}.log"

    def _until(
        self, look: Callable[[], Any], what: str, *, client: JsonClient | None = None, seconds: float = _START_S
    ) -> None:
        """Wait for something, as long as both live."""

        def seen() -> Any:
            gone = [name for name, child in self._children.items() if child.poll() is not None]
            if gone:
                raise StackError("elder-ended", f"its {gone[0]} ended while it started: {self.said(gone[0])}")
            return look()

        try:
            until(seen, what, seconds=seconds, pause=_LOOK_S)
        except StackError as error:
            if error.reference != "stack-wait-timeout":
                raise
            answer = client.words(self._home.project.service.ready) if client else ""
            why = self._home.redaction.hidden(answer) or self.said("worker" if "worker" in what else "api")
            raise StackError("elder-not-up", f"{error.message}: {why}") from None

    def _beats(self, answer: Any) -> bool:
        """Return whether our own worker is among those that say that they run: a copy may hold others' rows."""
        rows = (answer or {}).get("workers", ())
        ours = {member.pid for member in _members(self._children["worker"].pid)}
        commit = self._checkout.commit
        return any(
            row.get("state") == "running" and (row["pid"] in ours if "pid" in row else row.get("commit") == commit)
            for row in rows
        )


def _members(pid: int) -> list[psutil.Process]:
    """Return a process and all that it has started."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []


@contextmanager
def opened(project: Project, database: str, *, redis_url: str | None = None) -> Iterator[Home]:
    """Yield a home beside a database: a Redis, the providers' stand-ins, a door to the database.

    Args:
        project: says how services are started, and what they are told.
        database: a copy of its own; it is written to.
        redis_url: a server to use instead of our own, as it is.
    """
    sweep(project.state / "elders")
    folder = files.folder(project.state / "elders" / f"{os.getpid()}-{secrets.token_hex(3)}")
    with ExitStack() as ending:
        ending.callback(_removed, folder)
        leash, held = os.pipe()
        ending.callback(os.close, held)
        ending.callback(os.close, leash)
        sockets = Path(tempfile.mkdtemp(prefix="gonogo-elder-"))
        files.write(folder / "sockets", str(sockets))
        tap = Wiretap(database, sockets)
        ending.callback(tap.close)
        with ThreadPoolExecutor(max_workers=2) as pool:
            cache = pool.submit(lambda: redis_url or redis.start(folder / "redis", leash=leash).url)
            providers = Thread()
            ending.callback(providers.close)
            address = cache.result()
        told = _told(project, tap.url, address, providers)
        yield Home(
            project=project,
            folder=folder,
            variables=told,
            tap=tap,
            direct=database,
            leash=leash,
            redaction=Redaction(_secrets(project, told, database)),
        )


def _told(project: Project, database: str, redis_url: str, providers: Thread) -> dict[str, str]:
    addresses = {name: providers.url(name) for name in PROVIDERS}
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        **assembly.filled(project.stack_environment, addresses),
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
    }


def _secrets(project: Project, told: Mapping[str, str], database: str) -> list[str]:
    """Return the words that are never shown."""
    own = [told[name] for name, value in project.stack_environment.items() if "{random}" in value]
    passwords = [urlsplit(url).password or "" for url in (database, told["REDIS_URL"])]
    return [word for word in (*own, *passwords, database, told["SECRET_KEY"], told["DATABASE_URL"]) if word]


def sweep(root: Path) -> None:
    """Take away what a run that was killed has left: its processes have ended with it."""
    for folder in root.glob("*-*"):
        owner = folder.name.partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            _removed(folder)


def _removed(folder: Path) -> None:
    """End what still runs, and remove a home's files."""
    processes.sweep(folder / "processes")
    processes.sweep(folder / "redis" / "processes")
    pointer = folder / "sockets"
    if pointer.exists():
        shutil.rmtree(pointer.read_text(encoding="utf-8"), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
