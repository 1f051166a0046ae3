"""How deep the queue is, as a worker's metrics show it."""

import pytest

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.jobs import upkeep
from backend.jobs.counts import Counts
from backend.tests.integration.test_jobs import queue
from backend.tests.integration.world import Rows, eventually, working

STATES = {
    "ready": "status = 'queued', due_at = now() - interval '90 seconds'",
    "delayed": "status = 'queued', due_at = now() + interval '1 day'",
    "running": "status = 'running', due_at = now() + interval '1 day'",
    "dead": "status = 'dead', finished_at = now() - interval '90 seconds'",
}


@pytest.mark.parametrize(("state", "oldest_s"), [("ready", 90), ("delayed", 0), ("running", 0), ("dead", 90)])
async def test_shows_each_state_with_its_age(
    database: Database, token: str, rows: Rows, state: str, oldest_s: float
) -> None:
    """Jobs are counted by kind and state with the age of the oldest; what is gone is shown as none."""
    counts = Counts()
    labels = {"kind": "canary", "state": state}
    await queue(database, token)
    rows.change(f"UPDATE jobs SET {STATES[state]}")  # noqa: S608  # words of this test
    async with database.statement() as connection:
        counts.show_depth(await upkeep.depth(connection))
        shown = [counts.registry.get_sample_value(f"jobs_{name}", labels) for name in ("depth", "oldest_seconds")]
        rows.change("UPDATE jobs SET status = 'done', finished_at = now()")
        counts.show_depth(await upkeep.depth(connection))

    assert (shown[0], oldest_s <= (shown[1] or 0) < oldest_s + 3600) == (1, True)
    assert counts.registry.get_sample_value("jobs_depth", labels) == 0


async def test_worker_shows_it(database: Database, token: str, rows: Rows, environment: Environment) -> None:
    """A worker looks at its pace."""
    await queue(database, token)
    rows.change("UPDATE jobs SET due_at = now() + interval '1 hour'")

    async with working(environment) as worker:

        async def depth() -> float | None:
            """Return what is shown."""
            labels = {"kind": "canary", "state": "delayed"}
            return worker.runner.counts.registry.get_sample_value("jobs_depth", labels)

        assert await eventually(depth) == 1
