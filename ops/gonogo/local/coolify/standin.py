"""The stand-in as a whole: tables, queue, engine, containers, status, API."""

import asyncio
from dataclasses import dataclass

from starlette.applications import Starlette

from gonogo.local.coolify import api
from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.control import Control
from gonogo.local.coolify.engine import Engine
from gonogo.local.coolify.ports import Builder, Fleet
from gonogo.local.coolify.queue import Queue
from gonogo.local.coolify.records import Application
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.status import StatusBoard

_STOP_GRACE_S = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """Everything that belongs to one stand-in."""

    store: Store
    fleet: Fleet
    queue: Queue
    board: StatusBoard
    app: Starlette

    def revive(self) -> None:
        """Do what a start of the machine does: interrupted deployments have failed, containers run again."""
        self.store.fail_interrupted()
        for container in self.store.containers:
            self.fleet.start(container)


def build(store: Store, *, fleet: Fleet, builder: Builder, control_token: str) -> StandIn:
    """Wire a stand-in.

    Args:
        store: its tables.
        fleet: runs containers.
        builder: makes what they run.
        control_token: guards the endpoints that no Coolify has.
    """
    board = StatusBoard(store, fleet)
    queue = Queue(store, Engine(store=store, fleet=fleet, builder=builder, board=board).run)
    stopper = _Stopper(store, fleet)
    office = Office(store=store, queue=queue, fleet=fleet, stop=stopper.stop)
    app = api.build(office, Control(office=office, token=control_token))
    return StandIn(store=store, fleet=fleet, queue=queue, board=board, app=app)


class _Stopper:
    """Stops applications in the background, as Coolify's own job does."""

    def __init__(self, store: Store, fleet: Fleet) -> None:
        self._store = store
        self._fleet = fleet
        self._tasks: set[asyncio.Future[None]] = set()

    def stop(self, app: Application) -> None:
        task = asyncio.ensure_future(self._stop(app))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self, app: Application) -> None:
        for container in self._store.containers:
            if container.app == app.uuid:
                await self._fleet.stop(container.uuid, grace=_STOP_GRACE_S)
                self._store.containers.remove(container.uuid)
