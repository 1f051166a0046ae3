"""A message makes a worker look, unless it tells of what was here already."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.db.unit_of_work import Connection, Database
from backend.jobs.lately import Lately
from backend.jobs.records import ClaimedJob, GiveUpJobError, Kind
from backend.jobs.runner import Limits, Runner
from backend.tests.integration.test_jobs import WORKER, queue
from backend.tests.integration.world import Rows, eventually

AGAIN = "UPDATE jobs SET status = 'queued', due_at = now(), finished_at = NULL, max_attempts = 9"


async def give_up(_connection: Connection, _job: ClaimedJob) -> None:
    """See no sense in another attempt."""
    msg = "no"
    raise GiveUpJobError(msg)


@pytest.fixture
def runner(database: Database) -> Runner:
    """Return a runner whose canary dies at its first attempt."""
    limits = Limits(concurrency=4, lease=timedelta(seconds=30))
    return Runner(database=database, kinds={"canary": Kind(run=give_up)}, worker=WORKER, limits=limits)


@asynccontextmanager
async def taking(runner: Runner) -> AsyncIterator[None]:
    """Work by messages alone until the end."""

    async def take() -> None:
        while True:
            while await runner.sweep():
                pass
            await runner.rest(3600)

    task = asyncio.create_task(take())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await runner.drain(timedelta(seconds=60))


class TestHint:
    """What a message does."""

    @pytest.mark.parametrize("is_polled", [True, False], ids=["found by polling", "told of"])
    async def test_retried_job_is_picked_up_by_its_message(
        self, database: Database, token: str, rows: Rows, runner: Runner, *, is_polled: bool
    ) -> None:
        """A job that was here is told of once more when it is retried, and runs at once."""
        job_id = await queue(database, token)
        if is_polled:
            await runner.sweep()
        async with taking(runner):
            await runner.hint(job_id)
            await eventually(lambda: _was_given_up(rows, 1))
            rows.change(AGAIN)
            await runner.hint(job_id)

            await eventually(lambda: _was_given_up(rows, 2))

    async def test_late_message_is_no_reason_to_look(
        self, database: Database, token: str, rows: Rows, runner: Runner
    ) -> None:
        """The message of a job that polling has found costs nothing, once."""
        job_id = await queue(database, token)
        await runner.sweep()
        await eventually(lambda: _was_given_up(rows, 1))
        async with taking(runner):
            await runner.hint(uuid4())
            rows.change(AGAIN)
            await runner.hint(job_id)
            ignored = rows.one("SELECT status FROM jobs")
            await runner.hint(uuid4())

            await eventually(lambda: _was_given_up(rows, 2))

        assert ignored == ("queued",)


async def _was_given_up(rows: Rows, attempts: int) -> bool:
    return rows.one("SELECT status, attempts FROM jobs") == ("dead", attempts)


def test_lately_forgets_the_oldest() -> None:
    """Newer ids push older ones out, and each is dropped once."""
    lately, ids = Lately(most=2), [uuid4() for _ in range(3)]
    for each in ids:
        lately.add(each)

    assert [lately.drop(each) for each in (*ids, ids[2])] == [False, True, True, False]
