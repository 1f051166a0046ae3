"""A stage: the stand-in with containers on paper, asked over HTTP by the real client, in time that a test moves."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from threading import Thread
from typing import Any, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from gonogo.adapters.coolify import Coolify
from gonogo.local import ports
from gonogo.local.coolify import standin
from gonogo.local.coolify.clock import ScriptedClock, settle
from gonogo.local.coolify.control import create_application, create_token, push_image
from gonogo.local.coolify.paper import PUSHED, PaperBuilder, PaperFleet, PaperFront
from gonogo.local.coolify.queue import Order
from gonogo.local.coolify.records import Application, Server
from gonogo.local.coolify.state import Store
from gonogo.local.providers.wire import Protocol
from gonogo.local.serving import Serving
from gonogo.model import JobState, Readiness, Secret, WorkerBeat
from gonogo.testing import NEW, OLD

__all__ = ["NEW", "OLD", "PUSHED", "Host", "Stage"]

IMAGE = "registry.example/assistant"
NAMES: Mapping[str, str] = {OLD: "old", NEW: "new", PUSHED: "pushed"}
_START_S = 60.0
_PROBED: Mapping[str, Any] = {
    "fqdn": "http://127.0.0.1:1",
    "health_check_enabled": True,
    "health_check_path": "/health/ready",
    "health_check_start_period": 2,
    "health_check_interval": 1,
    "health_check_retries": 3,
}

Result = TypeVar("Result")


class Host:
    """One server in a thread of its own; which stage answers is changed between tests."""

    def __init__(self) -> None:
        """Start to serve on free ports."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="coolify", daemon=True)
        self._thread.start()
        self.coolify, self.front = Answering(), Answering()
        self.urls = self.inside(self._serve())

    def inside(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something where the stage is, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_S)

    def close(self) -> None:
        """End the server and its thread."""
        self.inside(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    async def _serve(self) -> tuple[str, str]:
        listeners = [ports.listen(0), ports.listen(0)]
        self._serving = [
            Serving(app, listener, drain_seconds=1, http=Protocol)
            for app, listener in zip((self.coolify, self.front), listeners, strict=True)
        ]
        await asyncio.gather(*(each.started() for each in self._serving))
        first, second = (f"http://{ports.LOOPBACK}:{each.getsockname()[1]}" for each in listeners)
        return first, second

    async def _close(self) -> None:
        for each in self._serving:
            await each.close()


class Answering:
    """An ASGI app that is whichever app it is told to be."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.app(scope, receive, send)


@dataclass(frozen=True, kw_only=True, slots=True)
class StageClock:
    """The stage's time for whoever releases: sleeping moves it."""

    host: Host
    clock: ScriptedClock

    def now(self) -> datetime:
        """Return the time."""
        return self.clock.now()

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.host.inside(self.clock.move(seconds))


@dataclass(frozen=True, kw_only=True, slots=True)
class StageService:
    """The service that the stage's containers are; asked without a connection, since nothing moves meanwhile."""

    fleet: PaperFleet

    def ready(self) -> Readiness:
        """Return what the next container in turn says."""
        told = self.fleet.ready()
        return Readiness(
            status_code=told.status,
            ready=told.status == 200,
            commit=told.commit,
            schema_revision="r1",
            detail=told.detail,
            ms=1.0,
        )

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return the heartbeats."""
        beating = self.fleet.beating()
        return tuple(WorkerBeat(id=each.uuid, commit=each.commit, state="running", age_s=0.5) for each in beating)

    def start_canary(self) -> str:
        """Take the canary job."""
        return "canary"

    def job(self, job_id: str) -> JobState:
        """Return the job: whoever beats last has done it."""
        beating = self.fleet.beating()
        if not beating:
            return JobState(id=job_id, status="queued", commit=None, error=None)
        return JobState(id=job_id, status="done", commit=beating[-1].commit, error=None)


class Stage:
    """A stand-in with an API and a worker that run the old commit."""

    def __init__(self, host: Host, **server: Any) -> None:
        """Set it up, with the old commit deployed."""
        self._host = host
        self.clock = ScriptedClock()
        self.fleet = PaperFleet(self.clock)
        settings = Server(**{"build_seconds": 4.0, "closing_seconds": 1.0, **server})
        # Ids are the same in every run, as everything else is.
        self.store = Store(self.clock, server=settings, letters=Random(1).choice)
        self.parts = standin.build(self.store, fleet=self.fleet, builder=PaperBuilder(), control_token="control-token")
        self.api = create_application(self.store, {"name": "api", **_PROBED, **_columns()})
        self.worker = create_application(self.store, {"name": "worker", **_columns()})
        self.token = create_token(self.store, {"abilities": ("read", "write", "deploy")})
        self._later: list[asyncio.Future[None]] = []
        host.coolify.app, host.front.app = self.parts.app, PaperFront(self.fleet)
        host.inside(self._open())

    @property
    def url(self) -> str:
        """Return where it answers."""
        return self._host.urls[0]

    @property
    def front(self) -> str:
        """Return where the service would answer."""
        return self._host.urls[1]

    @property
    def time(self) -> StageClock:
        """Return its time, for whoever releases."""
        return StageClock(host=self._host, clock=self.clock)

    @property
    def service(self) -> StageService:
        """Return the service."""
        return StageService(fleet=self.fleet)

    def client(self) -> Coolify:
        """Return the real client."""
        return Coolify(self.url, Secret("COOLIFY_TOKEN", self.token), timeout_s=5.0, clock=self.time)

    def app(self, service: str) -> Application:
        """Return an application as it is now."""
        first = self.api if service == "api" else self.worker
        found = self.store.applications.get(first.uuid)
        assert found
        return found

    def change(self, service: str, **columns: Any) -> None:
        """Change an application's columns, as a person does in the pages."""
        app = self.app(service)
        self.inside(lambda: self.store.applications.put(replace(app, fields={**app.fields, **columns})))

    def use_image(self, service: str) -> None:
        """Let an application run ready-made images whose tags are commits; both are in the registry."""
        tags = {"build_pack": "dockerimage", "docker_registry_image_name": IMAGE, "docker_registry_image_tag": OLD}
        self.change(service, **tags)
        for commit in (OLD, NEW):
            self.inside(lambda commit=commit: push_image(self.store, f"{IMAGE}:{commit}", commit))  # type: ignore[misc]

    def switch(self, name: str, **settings: Any) -> None:
        """Switch a fault on."""
        self.inside(lambda: self.parts.switchboard.on({"name": name, **settings}))

    def runs(self, service: str) -> list[str]:
        """Return the versions that run, by name, in order."""
        return sorted(NAMES.get(commit, commit) for commit in self.fleet.commits(service))

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._host.inside(self.clock.move(seconds))

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Do something where the stand-in does everything, once so much time has passed."""
        self.inside(lambda: self._later.append(asyncio.ensure_future(self._in(seconds, work))))

    def inside(self, work: Callable[[], Result]) -> Result:
        """Do something where the stand-in does everything."""

        async def done() -> Result:
            result = work()
            await settle()
            return result

        return self._host.inside(done())

    def close(self) -> None:
        """Stop every job."""
        self._host.inside(self._close())

    async def _open(self) -> None:
        self._board = asyncio.ensure_future(self.parts.board.run())
        for app in (self.api, self.worker):
            self.parts.queue.put(app, Order())
        await self.clock.move(15)

    async def _in(self, seconds: float, work: Callable[[], object]) -> None:
        await self.clock.sleep(seconds)
        work()

    async def _close(self) -> None:
        for each in (self._board, *self._later):
            each.cancel()
        await self.parts.close()


def _columns() -> dict[str, Any]:
    return {"git_repository": "repository", "git_commit_sha": OLD}
