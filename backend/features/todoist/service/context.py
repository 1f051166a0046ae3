"""One run: what it needs, and what it has found and done so far."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.db.unit_of_work import Connection, Database
from backend.features.todoist.repository import accounts
from backend.features.todoist.repository.accounts import Account
from backend.features.todoist.rules.drift import Drift
from backend.features.todoist.rules.merging import Lost
from backend.providers.todoist.protocol import Todoist

_LOST_MAX = 100
_SHOWN = 200


@dataclass(kw_only=True, slots=True)
class Run:
    """One sync or reconcile, under way.

    Attributes:
        database: For what must be committed before the job ends.
        todoist: The account.
        twin_id: Whose it is.
        zone: Their time zone.
        id: The run; only the one that began last may write.
        is_confirmed: Whether a person has agreed to a mass deletion.
        counts: How many of what was done.
        drift: By kind, how tasks were found to stand.
        found: The remote ids that `drift` speaks of; each counts once, as it was found first.
        lost: Changes made here that gave way.
        tried: Commands that were sent and have no end yet; they are not sent again by this run.
        needs_compare: Whether a delta will not do.
    """

    database: Database
    todoist: Todoist
    twin_id: UUID
    zone: ZoneInfo
    id: UUID
    is_confirmed: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    drift: Counter[Drift] = field(default_factory=Counter)
    found: set[str] = field(default_factory=set)
    lost: list[dict[str, Any]] = field(default_factory=list)
    tried: set[UUID] = field(default_factory=set)
    needs_compare: bool = False

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[tuple[Connection, Account]]:
        """Give a short transaction in which this run, and no other, may write.

        Raises:
            SupersededError: Another run has begun meanwhile.
        """
        async with self.database.unit_of_work() as connection:
            yield connection, await accounts.fenced(connection, self.twin_id, run_id=self.id)

    def note(self, remote_id: str, drift: Drift) -> None:
        """Count how a task was found to stand.

        Args:
            remote_id: Which one.
            drift: How.
        """
        if remote_id not in self.found:
            self.found.add(remote_id)
            self.drift[drift] += 1

    def note_lost(self, task_id: UUID, lost: Sequence[Lost]) -> None:
        """Keep changes that gave way, as many as fit on a page; all of them are counted.

        Args:
            task_id: Whose they are.
            lost: The changes.
        """
        self.counts["conflicts"] += len(lost)
        for each in lost[: max(0, _LOST_MAX - len(self.lost))]:
            value, kept = (_short(value) for value in (each.value, each.kept))
            self.lost.append({"task_id": str(task_id), "field": each.field, "lost": value, "kept": kept})


def _short(value: Any) -> Any:
    return f"{value[:_SHOWN]}…" if isinstance(value, str) and len(value) > _SHOWN else value
