"""What the stand-in's engine asks of the machine: builds and containers. Tests hand in scripted ones."""

from typing import Protocol

from gonogo.local.coolify.records import Container, Look
from gonogo.model import Checkout


class BuildError(Exception):
    """A commit cannot be found or built."""


class Builder(Protocol):
    """Commits become something that can run."""

    async def resolve(self, repository: str, ref: str) -> str:
        """Return the 40 hex digits of a ref.

        Raises:
            BuildError: there is no such commit.
        """

    async def build(self, commit: str) -> Checkout:
        """Return the commit's files and interpreter.

        Raises:
            BuildError: it cannot be built.
        """


class Fleet(Protocol):
    """Containers that run."""

    def start(self, container: Container) -> None:
        """Run a container from now on: it is started again whenever it ends."""

    async def stop(self, uuid: str, *, grace: float) -> None:
        """Take a container out of the proxy, let it finish what it has, end it and remove it.

        Args:
            uuid: its name; nothing happens when there is none.
            grace: seconds it may take.
        """

    def look(self, uuid: str) -> Look:
        """Return what a container is doing."""

    def logs(self, uuid: str, lines: int) -> str:
        """Return the last lines that a container wrote."""
