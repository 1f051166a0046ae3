"""What we ask of Todoist."""

from collections.abc import Sequence
from typing import Protocol

from backend.providers.todoist.records import Account, Command, Completed, Item, SyncAnswer, Window

# Never `all` and never `user`: that one holds the token.
RESOURCES = ("items", "projects")


class Todoist(Protocol):
    """One account; every method raises `TodoistError` when it has no usable answer."""

    async def sync(
        self, token: str | None, *, resource_types: Sequence[str] = RESOURCES, commands: Sequence[Command] = ()
    ) -> SyncAnswer:
        """Do commands in their order, then say what has changed since a token.

        Args:
            token: Of the answer before, or `*` for everything; None asks for nothing.
            resource_types: What to tell of.
            commands: Not more than 100.
        """

    async def get_task(self, remote_id: str) -> Item | None:
        """Return a task, also a completed or a deleted one; None when there is none.

        Args:
            remote_id: Its id.
        """

    async def completed_since(self, window: Window, *, most: int) -> Completed:
        """Return tasks that were completed in some time.

        Args:
            window: When.
            most: How many at most.
        """

    async def user(self) -> Account:
        """Return who the token belongs to."""
