"""A stand-in whose machine is scripted: a clock that moves when told, containers that are what the test says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from gonogo.local.coolify import standin
from gonogo.local.coolify.clock import Clock, ScriptedClock, settle
from gonogo.local.coolify.control import create_application, create_token
from gonogo.local.coolify.paper import PaperBuilder, PaperFleet
from gonogo.local.coolify.records import Application, Container, Deployment, Look, Server
from gonogo.local.coolify.state import Store

__all__ = ["CONTROL", "NEW", "OLD", "Platform", "ScriptedClock", "ScriptedFleet", "platform", "settle"]

OLD, NEW = "a" * 40, "b" * 40
CONTROL = "control-token"


class ScriptedFleet(PaperFleet):
    """Containers that are what the test says."""

    def __init__(self, clock: Clock) -> None:
        """Start with none; new ones are healthy unless told otherwise."""
        super().__init__(clock)
        self.next_look = Look(state="running", health="healthy")
        self.looks: dict[str, Look] = {}

    def start(self, container: Container) -> None:
        """Run a container."""
        super().start(container)
        self.looks[container.uuid] = self.next_look

    def look(self, uuid: str) -> Look:
        """Return what the script says."""
        found = super().look(uuid)
        return self.looks.get(uuid, found) if found.state == "running" else found


@dataclass
class Platform:
    """A scripted stand-in with two applications, and a client that may do everything."""

    clock: ScriptedClock
    fleet: ScriptedFleet
    builder: PaperBuilder
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
        await self.parts.close()
        for client in self.clients:
            await client.aclose()


def platform(path: Path | None = None, **server: Any) -> Platform:
    """Return a new scripted stand-in."""
    clock, builder = ScriptedClock(), PaperBuilder(head=NEW)
    fleet = ScriptedFleet(clock)
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
