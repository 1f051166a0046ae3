"""Whatever breaks in the middle of a sync: no task twice, on neither side, and none lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from backend.core.environment import Environment
from backend.core.errors import ServiceError
from backend.db.unit_of_work import Database
from backend.features.todoist.repository.accounts import SupersededError
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from backend.tests.integration.todoist_world import OWNER, Both, both_sides
from backend.tests.integration.world import Rows, as_variables, eventually, make_environment, process, working

FAULTS = ("lost-reply", "drop", "cut-short", "server-error")


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


@pytest.fixture
def connected(both: Both) -> Environment:
    """Return the settings of workers that sync."""
    return make_environment(
        both.here.database_url,
        todoist_api_token=SecretStr(both.there.token),
        todoist_owner_email=OWNER,
        todoist_base_url=both.there.access.base_url,
    )


def change_both(both: Both, name: str) -> None:
    """Make, edit and complete something on both sides; a project too."""
    for task_id in [row["id"] for row in both.here.rows("SELECT id FROM tasks WHERE status = 'open' LIMIT 2")]:
        both.here.change(task_id, title=f"edited {uuid4().hex[:8]}")
    both.here.add(f"here {name}", project_id=both.here.project(name), due_on=datetime.now(UTC).date())
    both.there.add(f"there {name}")


def assert_whole(both: Both, *, made: int) -> None:
    """Fail unless both sides have the same open tasks, each once, and none is missing."""
    both.assert_equal()
    titles = both.here.open_titles()
    assert len(titles) == len(set(titles)) == made
    names = [row["name"] for row in both.here.rows("SELECT name FROM projects")]
    assert sorted(names) == sorted(set(both.there.projects()) - {"Inbox"})


async def sync_for_ever(both: Both) -> None:
    """Sync until something breaks."""
    for _ in range(10):
        await both.sync()


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_answer_that_is_lost_at_any_request_doubles_nothing(both: Both, fault: str) -> None:
    """Neither a creation that was done, nor one that was not."""
    for skipped in range(4):
        change_both(both, f"{fault} {skipped}")
        both.there.fault(fault, times=1, skip=skipped, path="/sync")
        with pytest.raises(ServiceError):
            await sync_for_ever(both)
        both.there.heal()
        await both.sync()

        assert_whole(both, made=2 * (skipped + 1))
    assert (+(await both.reconcile()).drift).keys() == {"in_sync"}


async def test_a_rate_limit_says_how_long_to_wait(both: Both, connected: Environment, database: Database) -> None:
    """The job comes back then, not before."""
    both.there.fault("rate-limit", retry_after=900, times=1)
    job_id = await queue(database, "todoist.sync", both.here.twin_id)

    async with working(connected):
        rows = Rows(database_url=both.here.database_url)
        wait = (
            "SELECT extract(epoch FROM due_at - now()) FROM jobs WHERE id = %s AND status = 'queued' AND attempts = 1"
        )

        async def waits() -> bool:
            return bool(both.here.rows(wait, job_id))

        await eventually(waits)

    assert 0 < rows.one(wait, job_id)[0] <= 905
    assert both.here.last_run()["state"] == "failed"


async def test_two_runs_at_once_double_nothing(both: Both) -> None:
    """Also without the lock that keeps them apart: the older one may write no more."""
    for round_number in range(3):
        for number in range(20):
            both.here.add(f"here {round_number} {number}")
            both.there.add(f"there {round_number} {number}")

        ends = await asyncio.gather(both.sync(), both.sync(), both.reconcile(), return_exceptions=True)

        assert {type(end) for end in ends if isinstance(end, Exception)} <= {SupersededError}
        await both.sync()
        both.assert_equal()
        assert len(set(both.here.open_titles())) == len(both.here.open_titles()) == 40 * (round_number + 1)


async def test_two_workers_run_them_one_after_the_other(both: Both, connected: Environment, database: Database) -> None:
    """A sync, a reconcile and a schedule's sync, queued at once."""
    for number in range(20):
        both.here.add(f"here {number}")
        both.there.add(f"there {number}")
    jobs = [
        await queue(database, "todoist.sync", both.here.twin_id),
        await queue(database, "todoist.reconcile", both.here.twin_id),
        await queue(database, "todoist.sync", None),
    ]

    async with working(connected), working(connected):
        rows = Rows(database_url=both.here.database_url)
        for job_id in jobs:
            await eventually(lambda job_id=job_id: rows.is_done(job_id))  # type: ignore[misc]

    both.assert_equal()
    assert len(both.here.open_titles()) == 40
    states = [row["state"] for row in both.here.rows("SELECT state FROM todoist_runs")]
    assert states == ["done"] * 3


async def test_a_worker_killed_at_any_request_doubles_nothing(
    both: Both, connected: Environment, database: Database
) -> None:
    """Killed after Todoist has made the project, then after it has made the task, before either answer."""
    change_both(both, "killed")
    job_id = await queue(database, "todoist.sync", both.here.twin_id)
    for reached in (2, 3):
        both.there.heal()
        both.there.forget_requests()
        # Each attempt begins again, and is kept waiting one request later.
        both.there.fault("slow", seconds=60, after=True, skip=reached - 1, path="/sync")
        with process("-m", "backend.worker.main", variables=as_variables(connected)) as worker:

            async def is_stuck(reached: int = reached) -> bool:
                return len(both.there.requests()) >= reached

            await eventually(is_stuck)
            worker.child.kill()
        Rows(database_url=both.here.database_url).lapse()
    both.there.heal()

    async with working(connected):
        rows = Rows(database_url=both.here.database_url)
        await eventually(lambda: rows.is_done(job_id))

    assert_whole(both, made=2)
    assert (await rows.job(job_id))[1] >= 3


async def test_a_run_cancelled_at_any_request_doubles_nothing(both: Both) -> None:
    """As a worker's stop does it."""
    for reached in range(1, 5):
        change_both(both, f"cancelled {reached}")
        both.there.forget_requests()
        both.there.fault("slow", seconds=60, after=True, skip=reached - 1, path="/sync")
        run = asyncio.create_task(both.sync())

        async def is_stuck(reached: int = reached, run: asyncio.Task[object] = run) -> bool:
            return run.done() or len(both.there.requests()) >= reached

        await eventually(is_stuck)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        both.there.heal()
        await both.sync()
        assert_whole(both, made=2 * reached)


async def test_a_creation_that_was_done_without_its_id_is_found_again(both: Both) -> None:
    """Older versions answer a repeated command without saying what it had made."""
    both.here.add("Call Jo", notes="about the car")
    await both.sync()
    both.here.execute("DELETE FROM todoist_links")
    both.here.execute("UPDATE todoist_commands SET remote_id = NULL")
    both.here.add("Call Jo")

    await both.sync()
    assert both.there.open_titles() == ["Call Jo", "Call Jo"]
    await both.reconcile()

    assert_linked_once(both, expected=2)


def assert_linked_once(both: Both, *, expected: int) -> None:
    """Fail unless each open task over there is linked with one here."""
    both.assert_equal()
    linked = both.here.rows("SELECT remote_id FROM todoist_links JOIN tasks ON id = task_id WHERE status = 'open'")
    assert len({row["remote_id"] for row in linked}) == len(both.there.open_titles()) == expected


async def queue(database: Database, kind: str, twin_id: UUID | None) -> UUID:
    """Queue a job."""
    async with database.unit_of_work() as connection:
        return await enqueue(connection, NewJob(kind=kind, twin_id=twin_id, idempotency_key=str(uuid4())))
