"""Time, as the stand-in asks for it: the machine's own, or one that moves when it is told to."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

# Rounds of the event loop after which every task that can go on has gone as far as it can.
_ROUNDS = 30


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def take(self, seconds: float) -> None:
        """Let so much time pass for whoever waits for an answer."""


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def take(self, seconds: float) -> None:
        """Wait as well: whoever asked waits in the same time."""
        await asyncio.sleep(seconds)


class ScriptedClock:
    """Time that stands still until it is moved; whatever falls due on the way happens in order."""

    def __init__(self) -> None:
        """Start on a fixed day."""
        self._now = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has moved the time so far; no time at all needs nobody."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._count), woken))
        await woken

    async def take(self, seconds: float) -> None:
        """Move by so much: who waits for an answer cannot move the time meanwhile."""
        await self.move(seconds)

    async def move(self, seconds: float) -> None:
        """Move by so much, and let everything that falls due happen, each at its own time."""
        await settle()
        until = self._now + timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._now = until
        await settle()


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)


def stamp(moment: datetime) -> str:
    """Return a time as the API writes it: UTC with six digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
