"""What the stand-in's engine asks of the machine: builds and containers. Tests hand in scripted ones."""

from dataclasses import dataclass
from typing import Protocol

from gonogo.local.coolify.records import Container, Look
from gonogo.model import Checkout


class BuildError(Exception):
    """A commit cannot be found or built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Executed:
    """What a command in a container came to."""

    code: int
    output: str


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
    """Containers that run.

    Attributes:
        on_paper: whether nothing really runs.
    """

    on_paper: bool

    def start(self, container: Container) -> None:
        """Run a container from now on: it is started again whenever it ends."""

    async def stop(self, uuid: str, *, grace: float) -> None:
        """Take a container out of the proxy, let it finish what it has, end it and remove it.

        Args:
            uuid: its name; nothing happens when there is none.
            grace: seconds it may take.
        """

    def spoil(self, uuid: str, conduct: str) -> None:
        """Let a running container do something wrong from now on."""

    def look(self, uuid: str) -> Look:
        """Return what a container is doing."""

    def logs(self, uuid: str, lines: int) -> str:
        """Return the last lines that a container wrote."""

    async def execute(self, uuid: str, command: str, *, seconds: float) -> Executed:
        """Run a command in a running container; a code of its own tells that it took too long.

        Args:
            uuid: the container's name.
            command: for the shell.
            seconds: how long it may take.
        """
