"""Whatever happens on both sides between two syncs: they end equal, nothing is lost, and what is over is over.

TODOIST_HISTORIES says how many histories are tried; a handful by default.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

import pytest

from backend.db.unit_of_work import Database
from backend.tests.integration import todoist_drift
from backend.tests.integration.todoist_world import Both, Row, both_sides

_TITLES = ("milk", "bread", "soap")


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Things that happen at random, on both sides."""

    both: Both
    random: Random

    def go_on(self, number: int) -> None:
        """Let so many things happen."""
        for _ in range(number):
            self.random.choice((self._here, self._there))()

    def _here(self) -> None:
        rows = self.both.here.rows("SELECT id, status FROM tasks WHERE status <> 'deleted' ORDER BY id")
        projects = self.both.here.rows("SELECT id FROM projects ORDER BY id")
        if len(rows) < 4 or self.random.random() < 0.2:
            self.both.here.add(self._name())
            return
        options: list[Row] = [
            {"title": self._name()},
            {"notes": self._name()},
            {"priority": self.random.randint(1, 4)},
            {"labels": [self._name()]},
            {"due_on": f"2026-12-{self.random.randint(10, 28)}"},
            {"status": self.random.choice(["open", "done", "deleted"])},
            {"project_id": self.random.choice([None, *(row["id"] for row in projects)])},
        ]
        change = self.random.choice(options)
        self.both.here.change(self.random.choice(rows)["id"], **change)

    def _there(self) -> None:
        rows = [row for row in self.both.there.items().values() if not row["is_deleted"]]
        projects = self.both.there.projects()
        if len(rows) < 4 or self.random.random() < 0.2:
            self.both.there.add(self._name())
            return
        item_id = self.random.choice(sorted(row["id"] for row in rows))
        options: list[tuple[str, Row]] = [
            ("item_update", {"content": self._name()}),
            ("item_update", {"description": self._name()}),
            ("item_update", {"priority": self.random.randint(1, 4), "labels": [self._name()]}),
            ("item_update", {"due": {"date": f"2026-12-{self.random.randint(10, 28)}"}}),
            ("item_update", {"due": None}),
            ("item_move", {"project_id": self.random.choice(sorted(projects.values()))}),
            (self.random.choice(["item_complete", "item_uncomplete", "item_delete"]), {}),
        ]
        kind, args = self.random.choice(options)
        self.both.there.do(kind, {"id": item_id, **args})

    def _name(self) -> str:
        return f"{self.random.choice(_TITLES)} {self.random.randrange(1_000_000)}"


@pytest.mark.parametrize("seed", range(int(os.environ.get("TODOIST_HISTORIES", "3"))))
async def test_two_syncs_make_both_sides_equal(both: Both, seed: int) -> None:
    """And a complete comparison then finds nothing."""
    history = History(both=both, random=Random(seed))
    both.here.project("Garden")
    both.there.do("project_add", {"name": "House"})
    await both.sync()
    for _ in range(2):
        history.go_on(15)
        ended = ended_there(both)

        await both.sync()
        await both.sync()

        assert todoist_drift.differing(both) == []
        both.assert_equal()
        assert {both.here.task(task_id)["status"] for task_id in ended} <= {"done", "deleted"}
    assert (+(await both.reconcile()).drift).keys() <= {"in_sync"}
    unlinked = "SELECT count(*) AS n FROM tasks WHERE status = 'open' AND id NOT IN (SELECT task_id FROM todoist_links)"
    assert both.here.rows(unlinked) == [{"n": 0}]


def ended_there(both: Both) -> list[UUID]:
    """Return the tasks that were open when both sides last agreed, and are over there now."""
    over = [row["id"] for row in both.there.items().values() if row["checked"] or row["is_deleted"]]
    sql = "SELECT task_id FROM todoist_links WHERE base ->> 'status' = 'open' AND remote_id = ANY(%s)"
    return [row["task_id"] for row in both.here.rows(sql, over)]
