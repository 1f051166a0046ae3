"""The container swap: new beside old and a health wait, or the old one away first and no wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gonogo.local.coolify.faults.fault import Phase, Sabotage
from gonogo.local.coolify.ports import Fleet
from gonogo.local.coolify.records import Application, Container
from gonogo.local.coolify.rows import JobError, Row
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.status import AFTER_SWAP, StatusBoard

_DEFAULT_GRACE_S = 30

Interrupt = Callable[[Row, Phase], Awaitable[None]]


class UnhealthyError(Exception):
    """The new container did not become healthy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Swap:
    """What a swap needs."""

    store: Store
    fleet: Fleet
    board: StatusBoard
    interrupt: Interrupt

    async def clear(self, app: Application, *, keep: str | None = None, spared: int = 0) -> None:
        """Stop and remove the other containers of an application, side by side, but some that are spared."""
        grace = int(str(app.settings.get("stop_grace_period") or _DEFAULT_GRACE_S))
        others = [row for row in self.store.containers if row.app == app.uuid and row.uuid != keep]
        await asyncio.gather(*(self.remove(old, grace=grace) for old in others[spared:]))

    async def remove(self, container: Container, *, grace: float) -> None:
        """Stop and remove one container."""
        await self.fleet.stop(container.uuid, grace=grace)
        self.store.containers.remove(container.uuid)

    def start(self, row: Row, new: Container, found: Sequence[Sabotage]) -> None:
        """Start the new container."""
        self._spoil_old(row.app, found)
        self.store.containers.put(new)
        self.fleet.start(new)
        row.log(f"New container {new.uuid} started.")

    async def roll(self, row: Row, new: Container, found: Sequence[Sabotage]) -> None:
        """Wait until the new container is healthy, then remove every other one.

        Raises:
            UnhealthyError: it did not become healthy.
            JobError: there is nothing to probe it with.
        """
        app = row.app
        await self._wait_for_health(row, new)
        row.go_on()
        if new.health is not None:
            self.board.set(app.uuid, AFTER_SWAP)
        await self.clear(app, keep=new.uuid, spared=max((each.spares_old for each in found), default=0))

    async def _wait_for_health(self, row: Row, new: Container) -> None:
        check = new.health
        if check is None:
            return
        if not check.possible:
            message = f"template parsing error: container {new.uuid} has no health"
            raise JobError(message)
        row.log("Waiting for healthcheck to pass on the new container.")
        await self.store.clock.sleep(check.start_period)
        for attempt in range(1, check.retries + 1):
            await self.interrupt(row, Phase.HEALTH)
            row.go_on()
            health = self.fleet.look(new.uuid).health
            row.log(f"Attempt {attempt} of {check.retries} | Healthcheck status: {health}")
            if health == "healthy":
                return
            if health == "unhealthy":
                break
            await self.store.clock.sleep(check.interval)
        raise UnhealthyError

    def _spoil_old(self, app: Application, found: Sequence[Sabotage]) -> None:
        conduct = next((each.old_conduct for each in found if each.old_conduct), "")
        for old in self.store.containers:
            if conduct and old.app == app.uuid:
                self.fleet.spoil(old.uuid, conduct)
