"""A stand-in whose machine is scripted: a clock that moves when told, containers that are what the test says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from gonogo.local.coolify import standin
from gonogo.local.coolify.control import create_application, create_token
from gonogo.local.coolify.ports import BuildError
from gonogo.local.coolify.records import Application, Container, Deployment, Look, Server
from gonogo.local.coolify.state import Store
from gonogo.model import Checkout

OLD, NEW = "a" * 40, "b" * 40
CONTROL = "control-token"


class ScriptedClock:
    """Time that moves in steps: a sleep lasts until the script has moved past it."""

    def __init__(self) -> None:
        """Start on a fixed day."""
        self._now = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the script has moved so far."""
        wanted = self._now + timedelta(seconds=seconds)
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= wanted)

    async def move(self, seconds: float) -> None:
        """Move by this much, a second at a time, and let everything that was due happen."""
        while seconds > 0:
            async with self._moved:
                self._now += timedelta(seconds=min(seconds, 1))
                self._moved.notify_all()
            seconds -= 1
            await settle()


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


class ScriptedFleet:
    """Containers that only exist on paper."""

    def __init__(self) -> None:
        """Start with none; new ones are healthy unless told otherwise."""
        self.running: dict[str, Container] = {}
        self.stopped: list[tuple[str, float]] = []
        self.next_look = Look(state="running", health="healthy")
        self.looks: dict[str, Look] = {}

    def start(self, container: Container) -> None:
        """Run a container."""
        self.running[container.uuid] = container
        self.looks[container.uuid] = self.next_look

    async def stop(self, uuid: str, *, grace: float) -> None:
        """Remove a container."""
        self.stopped.append((uuid, grace))
        self.running.pop(uuid, None)
        self.looks.pop(uuid, None)

    def look(self, uuid: str) -> Look:
        """Return what the script says."""
        return self.looks.get(uuid, Look(state="exited", health="none"))

    def logs(self, uuid: str, lines: int) -> str:
        """Return one line."""
        return f"last {lines} lines of {uuid[:3]}"

    def commits(self) -> list[str]:
        """Return what runs."""
        return [container.commit for container in self.running.values()]


class ScriptedBuilder:
    """Builds that are done at once."""

    def __init__(self) -> None:
        """Know nothing that fails."""
        self.failing: set[str] = set()

    async def resolve(self, repository: str, ref: str) -> str:
        """Return the ref; HEAD is the new commit."""
        del repository
        return NEW if ref == "HEAD" else ref

    async def build(self, commit: str) -> Checkout:
        """Return a checkout that is nowhere."""
        if commit in self.failing:
            raise BuildError("the build failed")
        return Checkout(commit=commit, path=Path("/nowhere"), python=Path("/nowhere/python"))


@dataclass
class Platform:
    """A scripted stand-in with two applications, and a client that may do everything."""

    clock: ScriptedClock
    fleet: ScriptedFleet
    builder: ScriptedBuilder
    parts: standin.StandIn
    api: Application
    worker: Application
    token: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """Return the tables."""
        return self.parts.store

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        """Return a client with a token; an empty one sends none."""
        given = self.token if token is None else token
        bearer = {"Authorization": f"Bearer {given}"} if given else {}
        transport = httpx.ASGITransport(self.parts.app)
        everything = {"Accept": "application/json", **bearer, **headers}
        client = httpx.AsyncClient(transport=transport, base_url="http://coolify", headers=everything)
        self.clients.append(client)
        return client

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        """Call the API with the token that may do everything."""
        return await self.client().request(method, f"/api/v1{path}", json=body, params=query)

    async def deploy(self, app: Application, **more: Any) -> dict[str, Any]:
        """Ask for a deployment and return its line of the answer."""
        answer = await self.call("POST", "/deploy", {"uuid": app.uuid, **more})
        line: dict[str, Any] = answer.json()["deployments"][0]
        return line

    def row(self, uuid: str) -> Deployment:
        """Return a deployment's row."""
        row = self.store.deployments.get(uuid)
        assert row is not None
        return row

    def change(self, app: Application, **columns: Any) -> None:
        """Change an application's columns."""
        now = self.store.applications.get(app.uuid) or app
        self.store.applications.put(replace(now, fields={**now.fields, **columns}))

    def token_with(self, *abilities: str, **more: Any) -> str:
        """Return a new token with these abilities."""
        return create_token(self.store, {"abilities": abilities, **more})

    async def close(self) -> None:
        """Stop every job."""
        await self.parts.queue.close()
        for client in self.clients:
            await client.aclose()


def platform(path: Path | None = None, **server: Any) -> Platform:
    """Return a new scripted stand-in."""
    clock, fleet, builder = ScriptedClock(), ScriptedFleet(), ScriptedBuilder()
    store = Store(clock, path, server=Server(**server))
    parts = standin.build(store, fleet=fleet, builder=builder, control_token=CONTROL)
    api = create_application(store, {"name": "api", "git_commit_sha": OLD, **_PROBED})
    worker = create_application(store, {"name": "worker", "git_commit_sha": OLD})
    token = create_token(store, {"abilities": ["root"]})
    return Platform(clock, fleet, builder, parts, api, worker, token)


_PROBED: Mapping[str, Any] = {
    "fqdn": "http://127.0.0.1:1",
    "health_check_enabled": True,
    "health_check_start_period": 2,
    "health_check_interval": 1,
    "health_check_retries": 3,
}
