"""Jobs: queued once, run once, never lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from backend.core.build import Build
from backend.core.environment import Environment
from backend.core.errors import LeaseLostError
from backend.db.unit_of_work import Connection, Database
from backend.jobs import claims, endings
from backend.jobs.claims import Claim
from backend.jobs.enqueue import enqueue
from backend.jobs.records import ClaimedJob, Handler, Kind, NewJob, WorkerIdentity
from backend.jobs.runner import Limits, Runner
from backend.tests.integration.world import HEAD, NOWHERE, Rows, bearer, eventually, left_thought, user_of, working

WORKER = WorkerIdentity(id="w1", host="h", pid=1, build=Build(commit="c" * 40))


async def queue(database: Database, token: str, *, key: str = "canary:1") -> UUID:
    """Queue a canary."""
    user = await user_of(database, token)
    async with database.unit_of_work() as connection:
        return await enqueue(connection, NewJob(kind="canary", twin_id=user.twin_id, idempotency_key=key))


async def claim(database: Database, worker_id: str, *, lease_s: float = 30, limit: int = 10) -> list[ClaimedJob]:
    """Claim what is due."""
    claim = Claim(worker_id=worker_id, kinds=("canary",), lease=timedelta(seconds=lease_s))
    async with database.statement() as connection:
        return list((await claims.claim_due(connection, claim, limit=limit)).jobs)


def make_runner(database: Database, run: Handler) -> Runner:
    """Return a runner with a canary of the test's own."""
    limits = Limits(concurrency=4, lease=timedelta(seconds=30))
    return Runner(database=database, kinds={"canary": Kind(run=run)}, worker=WORKER, limits=limits)


class TestEnqueue:
    """A job is a row in the caller's transaction."""

    async def test_one_key_is_one_job(self, database: Database, token: str, rows: Rows) -> None:
        """However many enqueue at once, one key makes one row, and all get its id."""
        ids = await asyncio.gather(*(queue(database, token) for _ in range(100)))

        assert len(set(ids)) == 1
        assert rows.one("SELECT count(*) FROM jobs") == (1,)

    async def test_rolls_back_with_its_caller(self, database: Database, token: str, rows: Rows) -> None:
        """A caller that fails has queued nothing."""
        user = await user_of(database, token)

        async def enqueue_and_fail() -> None:
            async with database.unit_of_work() as connection:
                await enqueue(connection, NewJob(kind="canary", twin_id=user.twin_id, idempotency_key="k"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await enqueue_and_fail()

        assert rows.one("SELECT count(*) FROM jobs") == (0,)


class TestClaims:
    """Workers share the rows."""

    async def test_no_job_is_claimed_twice(self, database: Database, token: str) -> None:
        """Workers that claim at once get different jobs, each no more than it asked for."""
        for number in range(20):
            await queue(database, token, key=f"canary:{number}")

        claimed = await asyncio.gather(*(claim(database, f"w{number}", limit=3) for number in range(8)))

        jobs = [job.id for each in claimed for job in each]
        assert max(len(each) for each in claimed) <= 3
        assert len(jobs) == len(set(jobs))

    async def test_lease_that_ran_out_is_taken_over(self, database: Database, token: str) -> None:
        """A silent worker loses its job, and what it writes afterwards is void."""
        await queue(database, token)
        (first,) = await claim(database, "w1", lease_s=0)
        (second,) = await claim(database, "w2")

        with pytest.raises(LeaseLostError):
            async with database.unit_of_work() as connection:
                await endings.finish(connection, first, result={})

        assert (first.attempt, second.attempt) == (1, 2)

    async def test_attempt_before_is_void_in_the_same_worker(self, database: Database, token: str) -> None:
        """A worker that takes its own job again cannot end it by the attempt before."""
        await queue(database, token)
        (first,) = await claim(database, "w1", lease_s=0)
        await claim(database, "w1")

        with pytest.raises(LeaseLostError):
            async with database.unit_of_work() as connection:
                await endings.finish(connection, first, result={})

    async def test_same_attempt_is_void_in_another_worker(self, database: Database, token: str) -> None:
        """The number of an attempt alone does not make a job one's own."""
        await queue(database, token)
        (job,) = await claim(database, "w1")

        with pytest.raises(LeaseLostError):
            async with database.unit_of_work() as connection:
                await endings.finish(connection, replace(job, worker_id="w2"), result={})

    async def test_renewed_lease_is_kept(self, database: Database, token: str) -> None:
        """A worker that shows signs of life keeps its job."""
        await queue(database, token)
        (job,) = await claim(database, "w1", lease_s=0)
        held = Claim(worker_id="w1", kinds=("canary",), lease=timedelta(seconds=30))
        async with database.statement() as connection:
            await claims.renew(connection, held, job_ids=frozenset({job.id}))

        assert await claim(database, "w2") == []

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE jobs SET envelope = 2",
            "UPDATE jobs SET kind = 'thought.process'",
            "UPDATE jobs SET due_at = 'infinity'",
        ],
        ids=["newer envelope", "unknown kind", "not due"],
    )
    async def test_leaves_what_is_not_for_it(self, database: Database, token: str, rows: Rows, change: str) -> None:
        """A job of a newer envelope, of a kind that it does not know, or of a later time waits untouched."""
        await queue(database, token)
        rows.change(change)

        assert await claim(database, "w1") == []
        assert rows.one("SELECT status, attempts FROM jobs") == ("queued", 0)


class TestRunner:
    """Effect and end are committed together."""

    async def test_effect_and_done_commit_together(self, database: Database, token: str, rows: Rows) -> None:
        """A job that fails after its effect leaves no effect, and is tried again later."""

        async def rename(connection: Connection, _job: ClaimedJob) -> None:
            """Have an effect, then fail."""
            await connection.exec_driver_sql("UPDATE twins SET name = 'changed'")
            raise ZeroDivisionError

        await queue(database, token)
        runner = make_runner(database, rename)
        await runner.sweep()
        await runner.drain(timedelta(seconds=60))

        assert rows.one("SELECT name FROM twins") == ("Personal",)
        status, error, is_later = rows.one("SELECT status, error, due_at > created_at FROM jobs")
        assert (status, error, is_later) == ("queued", "unexpected ZeroDivisionError", True)

    async def test_gives_up_after_the_last_attempt(self, database: Database, token: str, rows: Rows) -> None:
        """The last attempt that fails makes the job failed."""

        async def fail(_connection: Connection, _job: ClaimedJob) -> None:
            """Fail."""
            raise ZeroDivisionError

        await queue(database, token)
        rows.change("UPDATE jobs SET attempts = max_attempts - 1")
        runner = make_runner(database, fail)
        await runner.sweep()
        await runner.drain(timedelta(seconds=60))

        assert rows.one("SELECT status, finished_at IS NOT NULL FROM jobs") == ("dead", True)

    async def test_gives_up_a_job_that_kills_its_workers(self, database: Database, token: str, rows: Rows) -> None:
        """A job whose attempts were all interrupted is not run once more."""
        await queue(database, token)
        rows.change("UPDATE jobs SET attempts = max_attempts")
        runner = make_runner(database, _never)
        await runner.sweep()
        await runner.drain(timedelta(seconds=60))

        status, error = rows.one("SELECT status, error FROM jobs")
        assert (status, error) == ("dead", "given up: 5 attempts were interrupted")

    async def test_hands_back_what_outlasts_the_grace(self, database: Database, token: str, rows: Rows) -> None:
        """A stopping worker waits for its grace period, then gives the job to others at once."""

        async def wait(_connection: Connection, _job: ClaimedJob) -> None:
            """Take for ever."""
            await asyncio.Event().wait()

        await queue(database, token)
        runner = make_runner(database, wait)
        await runner.sweep()
        await runner.drain(timedelta(seconds=0.05))

        status, error, is_due = rows.one("SELECT status, error, due_at <= now() FROM jobs")
        assert (status, error, is_due) == ("queued", "interrupted: the worker stopped", True)


async def _never(_connection: Connection, _job: ClaimedJob) -> None:
    """Be called by nobody."""
    pytest.fail("the job was run")


class TestWorker:
    """What a worker does when things go wrong around it."""

    async def test_runs_a_job_whose_message_was_lost(
        self, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """A job that Redis never heard of is found by polling."""
        async with working(environment):
            job_id = await queue(database, token)

            await eventually(lambda: rows.is_done(job_id))

        assert (await rows.job(job_id))[1] == 1

    async def test_starts_and_works_without_redis(
        self, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """With Redis down the worker starts, warns and works by polling."""
        job_id = await queue(database, token)

        async with working(environment.model_copy(update={"redis_url": SecretStr(NOWHERE)})):
            await eventually(lambda: rows.is_done(job_id))

    async def test_message_starts_a_job_without_polling(
        self, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """A message makes it quick: the job does not wait for the next poll."""
        async with working(environment.model_copy(update={"worker_poll_seconds": 3600.0})) as worker:
            await eventually(lambda: _is_listed(client, worker.identity.id))
            response = await client.post("/v1/jobs/canary", headers=bearer(token))

            await eventually(lambda: rows.is_done(response.json()["job_id"]))

    async def test_ignores_foreign_messages(
        self, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """What somebody else puts into the list does not stop a worker."""
        async with Redis.from_url(environment.redis_url.get_secret_value()) as redis:
            await redis.lpush(environment.queue_name, b"nonsense", b'{"args": []}', b"\xff")
        job_id = await queue(database, token)

        async with working(environment):
            await eventually(lambda: rows.is_done(job_id))

    async def test_waits_for_its_schema(
        self, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """A worker that is newer than the schema touches nothing until the migrations are done."""
        job_id = await queue(database, token)
        rows.change("UPDATE alembic_version SET version_num = '0001'")

        async with working(environment):
            await eventually(lambda: _looked_at_schema(rows))
            assert (await rows.job(job_id))[0] == "queued"
            rows.change("UPDATE alembic_version SET version_num = %s", HEAD)

            await eventually(lambda: rows.is_done(job_id))

    async def test_a_thought_that_is_gone_is_no_failure(
        self, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """Processing a thought that was deleted meanwhile has nothing to do."""
        job_id = await left_thought(database, token)
        rows.change("DELETE FROM thoughts")

        async with working(environment):
            await eventually(lambda: rows.is_done(job_id))


async def _is_listed(client: httpx.AsyncClient, worker_id: str) -> bool:
    workers = (await client.get("/health/workers")).json()["workers"]
    return worker_id in {worker["id"] for worker in workers}


async def _looked_at_schema(rows: Rows) -> bool:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ^@ 'worker'"
    return bool(rows.one(sql)[0])


class TestJobRoutes:
    """GET /v1/jobs/{id} and the canary."""

    @pytest.mark.contracts
    async def test_canary_from_end_to_end(
        self, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """The canary is queued, done by a worker, and says by which build."""
        queued = await client.post("/v1/jobs/canary", headers=bearer(token))
        path = f"/v1/jobs/{queued.json()['job_id']}"
        before = (await client.get(path, headers=bearer(token))).json()
        async with working(environment) as worker:
            await eventually(lambda: rows.is_done(queued.json()["job_id"]))
        after = (await client.get(path, headers=bearer(token))).json()

        assert queued.status_code == 202
        assert (before["status"], before["attempts"], before["result"], before["finished_at"]) == (
            "queued",
            0,
            None,
            None,
        )
        assert (after["kind"], after["status"], after["attempts"], after["error"]) == ("canary", "done", 1, None)
        result = after["result"]
        assert (result["commit"], result["version"]) == ("unknown", "unknown")
        assert (result["worker_id"], result["build_id"]) == (worker.identity.id, None)
        assert (after["origin"]["commit"], bool(after["origin"]["replica"])) == ("unknown", True)

    async def test_canary_says_whether_redis_told_the_worker(
        self, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """With Redis between them a worker that waits is told; without it polling finds the job."""

        async def found_by() -> str:
            job_id = (await client.post("/v1/jobs/canary", headers=bearer(token))).json()["job_id"]
            await eventually(lambda: rows.is_done(job_id))
            job = (await client.get(f"/v1/jobs/{job_id}", headers=bearer(token))).json()
            return str(job["result"]["found_by"])

        async def told() -> bool:
            return await found_by() == "message"

        async with working(environment.model_copy(update={"worker_poll_seconds": 60.0})):
            await eventually(told)
        async with working(environment.model_copy(update={"redis_url": SecretStr(NOWHERE)})):
            polled = await found_by()

        assert polled == "polling"
