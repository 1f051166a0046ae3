"""Which containers the front sends requests to."""

import asyncio
from dataclasses import dataclass, field
from typing import Self


@dataclass(slots=True, eq=False)
class Upstream:
    """One container behind the front.

    Attributes:
        port: on loopback.
        in_flight: requests that it has not answered in full.
    """

    port: int
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __enter__(self) -> Self:
        """Count a request in."""
        self.in_flight += 1
        self.idle.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """Count a request out."""
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    async def drained(self) -> None:
        """Wait until no request is left."""
        if self.in_flight:
            await self.idle.wait()


class Rotation:
    """The containers that get requests, in turn."""

    def __init__(self) -> None:
        """Start with none."""
        self._members: list[Upstream] = []
        self._turn = 0

    def add(self, upstream: Upstream) -> None:
        """Let a container get requests."""
        if upstream not in self._members:
            self._members.append(upstream)

    def remove(self, upstream: Upstream) -> None:
        """Send a container no more requests; those that it has go on."""
        if upstream in self._members:
            self._members.remove(upstream)

    def pick(self) -> Upstream | None:
        """Return whose turn it is; None when nobody is there."""
        if not self._members:
            return None
        self._turn = (self._turn + 1) % len(self._members)
        return self._members[self._turn]
