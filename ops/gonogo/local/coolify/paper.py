"""Containers and builds on paper: nothing runs, and what would run is decided by a clock that a test moves.

The service that they would be is served too: its probes and heartbeats come from the containers that are left.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gonogo.local.coolify.clock import Clock
from gonogo.local.coolify.faults.fault import GOOD_S
from gonogo.local.coolify.ports import BuildError, Executed
from gonogo.local.coolify.records import Container, Look
from gonogo.model import Checkout

# What the head of the branch is, unless a test says otherwise.
PUSHED = "c" * 40
_HEX = frozenset("0123456789abcdef")
_COMMIT_LENGTH = 40
_RESTART_S = 5.0
_STARTING = "starting"


class PaperBuilder:
    """Builds that are done at once: every commit is there, and a branch's head."""

    def __init__(self, head: str = PUSHED) -> None:
        """Take what every ref that is no commit stands for."""
        self.head = head
        self.failing: set[str] = set()

    async def resolve(self, repository: str, ref: str) -> str:
        """Return the commit; only a branch or HEAD is known beside commits."""
        del repository
        if len(ref) == _COMMIT_LENGTH and set(ref) <= _HEX:
            return ref
        if ref in {"HEAD", "main"}:
            return self.head
        raise BuildError(f"fatal: couldn't find remote ref {ref}")

    async def build(self, commit: str) -> Checkout:
        """Return a checkout that is nowhere."""
        if commit in self.failing:
            raise BuildError("the build failed")
        return Checkout(commit=commit, path=Path("/nowhere"), python=Path("/nowhere/python"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the service's ready probe would say.

    Attributes:
        commit: None when it does not say.
    """

    status: int
    commit: str | None
    detail: str


class PaperFleet:
    """Containers of which only the state is kept."""

    on_paper = True

    def __init__(self, clock: Clock) -> None:
        """Start with none."""
        self._clock = clock
        self._since: dict[str, float] = {}
        self._turn = 0
        self.running: dict[str, Container] = {}
        self.stopped: list[tuple[str, float]] = []
        self.executed: list[tuple[str, str]] = []
        self.outcome = Executed(code=0, output="")

    def start(self, container: Container) -> None:
        """Run a container."""
        self.running[container.uuid] = container
        self._since[container.uuid] = self._now()

    async def stop(self, uuid: str, *, grace: float) -> None:
        """Remove a container; a stubborn one takes the whole grace."""
        self.stopped.append((uuid, grace))
        container = self.running.get(uuid)
        if container and container.conduct == "stubborn":
            await self._clock.sleep(grace)
        self.running.pop(uuid, None)

    def spoil(self, uuid: str, conduct: str) -> None:
        """Let a container that runs do something wrong from now on."""
        self.running[uuid] = replace(self.running[uuid], conduct=conduct)

    def look(self, uuid: str) -> Look:
        """Return what a container is doing."""
        container = self.running.get(uuid)
        if container is None:
            return Look(state="exited", health="none")
        age = self._age(container)
        if age >= self._good_for(container):
            restarts = int((age - self._good_for(container)) // _RESTART_S)
            return Look(state="restarting", health=_health(container, "unhealthy"), restarts=restarts)
        bad = {"starting": _STARTING, "unhealthy": "unhealthy", "no-database": "unhealthy"}
        return Look(state="running", health=_health(container, bad.get(container.conduct, "healthy")))

    def logs(self, uuid: str, lines: int) -> str:
        """Return one line."""
        return f"last {lines} lines of {uuid[:3]}"

    async def execute(self, uuid: str, command: str, *, seconds: float) -> Executed:
        """Note a command, and return what the test wants it to come to."""
        del seconds
        self.executed.append((uuid, command))
        return self.outcome

    def commits(self, service: str = "") -> list[str]:
        """Return what runs, old ones first."""
        return [each.commit for each in self.running.values() if service in {"", each.service}]

    # --- what people see through the front ---

    def ready(self) -> Told:
        """Return what the next container in turn answers; who is not healthy gets no request."""
        serving = [each for each in self.running.values() if each.serves and self._serves(each)]
        if not serving:
            return Told(status=502, commit=None, detail="no container is ready")
        self._turn += 1
        container = serving[self._turn % len(serving)]
        commit = None if container.conduct == "mute" else container.commit
        if container.conduct == "no-database" or (container.conduct == "flapping" and self._turn % 2):
            return Told(status=503, commit=commit, detail="database: connection refused")
        return Told(status=200, commit=commit, detail="")

    def beating(self) -> tuple[Container, ...]:
        """Return the workers that reach their database and say so."""
        workers = (each for each in self.running.values() if not each.serves)
        return tuple(each for each in workers if self._is_up(each) and each.conduct != "no-database")

    def _serves(self, container: Container) -> bool:
        return self._is_up(container) and self.look(container.uuid).health in {"none", "healthy"}

    def _is_up(self, container: Container) -> bool:
        return self._age(container) < self._good_for(container)

    def _good_for(self, container: Container) -> float:
        return GOOD_S.get(container.conduct, math.inf)

    def _age(self, container: Container) -> float:
        return self._now() - self._since[container.uuid]

    def _now(self) -> float:
        return self._clock.now().timestamp()


class PaperFront:
    """The address at which the service would answer: an ASGI app."""

    def __init__(self, fleet: PaperFleet) -> None:
        """Take the containers behind it."""
        self._fleet = fleet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # ASGI
        """Answer a probe, or the workers' heartbeats."""
        answer = self._answer(Request(scope, receive).url.path)
        await answer(scope, receive, send)

    def _answer(self, path: str) -> Response:
        if path == "/health/workers":
            return JSONResponse({"workers": _beats(self._fleet.beating())})
        if path not in {"/health/ready", "/health/live"}:
            return JSONResponse({"detail": "Not Found"}, 404)
        told = self._fleet.ready()
        checks = {"database": {"ok": not told.detail, "detail": told.detail}}
        body = {"status": "unready" if told.detail else "ready", "commit": told.commit, "checks": checks}
        return JSONResponse(body, told.status)


def _beats(workers: Iterable[Container]) -> list[dict[str, object]]:
    return [{"id": each.uuid, "commit": each.commit, "state": "running", "age_s": 0.5} for each in workers]


def _health(container: Container, health: str) -> str:
    return health if container.health else "none"
