"""The stand-in as a whole: tables, queue, engine, containers, status, API."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from gonogo.local.coolify import api, events
from gonogo.local.coolify.background import Background
from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.control import Control
from gonogo.local.coolify.engine import Engine
from gonogo.local.coolify.making import Maker
from gonogo.local.coolify.ports import Builder, Fleet
from gonogo.local.coolify.queue import Queue
from gonogo.local.coolify.rows import Row
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.status import StatusBoard
from gonogo.local.coolify.switchboard import Disturbed, Switchboard


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """Everything that belongs to one stand-in."""

    store: Store
    fleet: Fleet
    queue: Queue
    board: StatusBoard
    switchboard: Switchboard
    work: Background
    app: ASGIApp

    def revive(self) -> None:
        """Do what a start of the machine does: interrupted deployments have failed, containers run again."""
        self.store.fail_interrupted()
        for container in self.store.containers:
            self.fleet.start(container)

    async def close(self) -> None:
        """Stop every job where it is, as when Coolify's process ends."""
        await self.queue.close()
        await self.work.close()


def build(store: Store, *, fleet: Fleet, builder: Builder, control_token: str) -> StandIn:
    """Wire a stand-in.

    Args:
        store: its tables.
        fleet: runs containers.
        builder: makes what they run.
        control_token: guards the endpoints that no Coolify has.
    """
    board = StatusBoard(store, fleet)

    def meddle(name: str, row: Row) -> None:
        events.happen(name, office, row.app)

    maker = Maker(store=store, builder=builder)
    engine = Engine(store=store, fleet=fleet, maker=maker, board=board, meddle=meddle)
    queue = Queue(store, engine.run)
    work = Background(store=store, fleet=fleet)
    office = Office(store=store, queue=queue, fleet=fleet, stop=work.stop, work=work)
    switchboard = Switchboard(office)
    plain = api.build(office, Control(office=office, switchboard=switchboard, token=control_token))
    app = Disturbed(plain, office, switchboard)
    return StandIn(store=store, fleet=fleet, queue=queue, board=board, switchboard=switchboard, work=work, app=app)
