"""The queue's promises: one effect per key, fair turns, limits, schedules, other builds, retention."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from backend.core import clock
from backend.db.engine import create_engine
from backend.db.unit_of_work import Connection, Database, execute_lean
from backend.jobs import claims, upkeep
from backend.jobs.claims import Claim
from backend.jobs.enqueue import KeyTakenError, enqueue
from backend.jobs.records import ClaimedJob, GiveUpJobError, Handler, Kind, NewJob, RetryJobError
from backend.jobs.runner import Limits, Runner
from backend.jobs.upkeep import Retention
from backend.tests.integration.test_jobs import WORKER, queue
from backend.tests.integration.world import Rows, eventually, issue_token, user_of

ENDED = "SELECT array_agg(event ORDER BY id) FROM job_logs"


async def put(database: Database, twin_id: UUID, key: str, **fields: object) -> UUID:
    """Queue a canary with more fields."""
    job = NewJob(kind="canary", twin_id=twin_id, idempotency_key=key, **fields)  # type: ignore[arg-type]
    async with database.unit_of_work() as connection:
        return await enqueue(connection, job)


async def claim(database: Database, *, limit: int, served: UUID | None = None, envelope: int = 1) -> list[ClaimedJob]:
    """Claim canaries."""
    asked = Claim(worker_id="w1", kinds=("canary",), lease=timedelta(seconds=30), envelope=envelope)
    async with database.statement() as connection:
        return list((await claims.claim_due(connection, asked, limit=limit, served=served)).jobs)


async def run_once(database: Database, kind: Kind, *, envelope: int = 1) -> Runner:
    """Run what is due, to its end."""
    limits = Limits(concurrency=4, lease=timedelta(seconds=30), envelope=envelope)
    runner = Runner(database=database, kinds={"canary": kind}, worker=WORKER, limits=limits)
    await runner.sweep()
    await runner.drain(timedelta(seconds=60))
    return runner


async def effect(connection: Connection, job: ClaimedJob) -> None:
    """Leave one row per effect."""
    await execute_lean(connection, "INSERT INTO effects (job_id) VALUES ($1)", job.id)


@pytest.fixture
def effects(rows: Rows) -> Rows:
    """Give the jobs a table for their effects."""
    rows.change("CREATE TABLE effects (job_id uuid NOT NULL)")
    return rows


class TestEnqueue:
    """One key."""

    async def test_thousand_at_once_are_one_row_and_one_effect(
        self, database: Database, token: str, effects: Rows
    ) -> None:
        """However many enqueue one key while it runs, there is one row and one effect."""
        # As many at a time as there are connections: a pool that is waited for too long is another rule's.
        slots = asyncio.Semaphore(10)

        async def enqueue() -> UUID:
            async with slots:
                return await queue(database, token)

        enqueuing = [asyncio.create_task(enqueue()) for _ in range(1_000)]
        await eventually(lambda: _has_jobs(effects))
        await run_once(database, Kind(run=effect))
        ids = await asyncio.gather(*enqueuing)
        await run_once(database, Kind(run=effect))

        assert len(set(ids)) == 1
        assert effects.one("SELECT count(*) FROM jobs") == (1,)
        assert effects.one("SELECT count(*) FROM effects") == (1,)

    async def test_adds_one_statement_to_its_caller(self, database_url: str, database: Database, token: str) -> None:
        """A request that enqueues sends one statement more than one that does not."""
        twin_id = (await user_of(database, token)).twin_id
        engine = create_engine(database_url, pool_size=1, application_name="test")
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await put(Database(engine), twin_id, "k")
        await engine.dispose()

        assert len(seen) == 1, seen

    @pytest.mark.parametrize("other", ["twin", "kind"])
    async def test_key_of_another_is_refused(self, database: Database, token: str, rows: Rows, other: str) -> None:
        """A key that a job of another twin or kind has is an error, which does not tell that job's id."""
        ada, eve = await user_of(database, token), await user_of(database, await issue_token(database, "e@example.org"))
        job_id = await put(database, ada.twin_id, "k")
        if other == "kind":
            rows.change("UPDATE jobs SET kind = 'thought.process'")

        with pytest.raises(KeyTakenError, match="'k' belongs to a job of another kind or owner") as refused:
            await put(database, eve.twin_id if other == "twin" else ada.twin_id, "k")

        assert str(job_id) not in refused.value.detail
        assert rows.one("SELECT count(*), min(twin_id::text) FROM jobs") == (1, str(ada.twin_id))

    async def test_delayed_job_waits(self, database: Database, token: str, rows: Rows) -> None:
        """A job with a time is not claimed before it."""
        user = await user_of(database, token)
        await put(database, user.twin_id, "later", run_at=clock.now() + timedelta(hours=1))

        assert await claim(database, limit=9) == []
        rows.change("UPDATE jobs SET due_at = now()")
        assert len(await claim(database, limit=9)) == 1


async def _has_jobs(rows: Rows) -> bool:
    return bool(rows.one("SELECT count(*) FROM jobs")[0])


class TestTurns:
    """Whose job is next."""

    async def test_smaller_priority_first(self, database: Database, token: str) -> None:
        """What is more urgent is claimed first, whenever it was queued."""
        user = await user_of(database, token)
        late = [await put(database, user.twin_id, f"late {number}", priority=5) for number in range(3)]
        urgent = await put(database, user.twin_id, "urgent", priority=-1)

        assert [job.id for job in await claim(database, limit=1)] == [urgent]
        assert {job.id for job in await claim(database, limit=9)} == set(late)

    @pytest.mark.parametrize("limit", [1, 4])
    async def test_one_twin_does_not_starve_another(self, database: Database, token: str, limit: int) -> None:
        """Behind a hundred jobs of one twin, another's only job is in the second claim at the latest."""
        ada, eve = await user_of(database, token), await user_of(database, await issue_token(database, "e@example.org"))
        for number in range(100):
            await put(database, ada.twin_id, f"ada {number}")
        await put(database, eve.twin_id, "eve")

        first = await claim(database, limit=limit)
        second = await claim(database, limit=limit, served=first[-1].twin_id)

        assert eve.twin_id in {job.twin_id for job in first + second}
        assert len(second) == limit

    async def test_limit_holds_for_all_workers(self, database: Database, token: str) -> None:
        """A kind with a limit never runs more often than that at once, however many workers ask."""
        for number in range(12):
            await queue(database, token, key=f"limited:{number}")
        running: list[int] = []
        most = 0

        async def count(_connection: Connection, job: ClaimedJob) -> None:
            """Note how many run at once."""
            nonlocal most
            running.append(job.attempt)
            most = max(most, len(running))
            await asyncio.sleep(0)
            running.pop()

        while await _sweep_both(database, Kind(run=count, limit=2)):
            pass

        assert 1 <= most <= 2

    async def test_too_slow_is_a_failure(self, database: Database, token: str, rows: Rows) -> None:
        """An attempt that outlasts its kind's time is stopped and tried again."""

        async def wait(_connection: Connection, _job: ClaimedJob) -> None:
            """Take for ever."""
            await asyncio.Event().wait()

        await queue(database, token)
        await run_once(database, Kind(run=wait, timeout=timedelta(seconds=0.05)))

        assert rows.one("SELECT status, error FROM jobs") == ("queued", "took longer than 0.05 s")


async def _sweep_both(database: Database, kind: Kind) -> int:
    limits = Limits(concurrency=4, lease=timedelta(seconds=30))
    runners = [Runner(database=database, kinds={"canary": kind}, worker=WORKER, limits=limits) for _ in range(2)]
    taken = await asyncio.gather(*(runner.sweep() for runner in runners))
    await asyncio.gather(*(runner.drain(timedelta(seconds=60)) for runner in runners))
    return sum(taken)


class TestEndings:
    """What a handler may say."""

    @pytest.mark.parametrize(
        ("error", "status", "is_later"),
        [
            (GiveUpJobError("no such account"), "dead", False),
            (RetryJobError("try tomorrow", delay=timedelta(days=1)), "queued", True),
        ],
        ids=["give up", "retry later"],
    )
    async def test_handler_decides(
        self, database: Database, token: str, rows: Rows, *, error: Exception, status: str, is_later: bool
    ) -> None:
        """A handler can give a job up at once, or name the time of the next attempt."""
        await queue(database, token)
        await run_once(database, Kind(run=_raising(error)))

        sql = "SELECT status, error, due_at > now() + interval '23 hours' FROM jobs"
        assert rows.one(sql) == (status, str(error), is_later)

    async def test_log_is_complete(self, database: Database, token: str, rows: Rows) -> None:
        """Each attempt begins and ends in the log, also one whose worker was lost."""
        await queue(database, token)
        await claim(database, limit=1)
        rows.change("UPDATE jobs SET due_at = now()")
        await run_once(database, Kind(run=_raising(ZeroDivisionError())))
        rows.change("UPDATE jobs SET due_at = now()")
        await run_once(database, Kind(run=_telling))

        told = ["started", "lost", "started", "failed", "started", "progress", "done"]
        assert rows.one(ENDED) == (told,)
        assert rows.one("SELECT progress FROM jobs") == ({"percent": 50, "note": "half"},)

    async def test_lean_and_usual_statements_share_a_transaction(
        self, database: Database, token: str, effects: Rows
    ) -> None:
        """What a job wrote through the driver is gone with what it wrote through SQLAlchemy, in either order."""

        async def mix(connection: Connection, job: ClaimedJob) -> None:
            """Write both ways, then fail."""
            await effect(connection, job)
            await connection.exec_driver_sql("INSERT INTO effects SELECT gen_random_uuid()")
            await effect(connection, job)
            raise ZeroDivisionError

        await queue(database, token)
        await run_once(database, Kind(run=mix))

        assert effects.one("SELECT count(*) FROM effects") == (0,)
        assert effects.one("SELECT status FROM jobs") == ("queued",)


def _raising(error: Exception) -> Handler:
    async def fail(_connection: Connection, _job: ClaimedJob) -> None:
        raise error

    return fail


async def _telling(_connection: Connection, job: ClaimedJob) -> None:
    await job.report(50, "half")


class TestOtherBuilds:
    """An old worker beside a new one."""

    async def test_newer_envelope_waits_for_the_new_worker(self, database: Database, token: str, rows: Rows) -> None:
        """The old worker puts it back and counts it, and never gives it up; the new one runs it."""
        user = await user_of(database, token)
        await put(database, user.twin_id, "new", envelope=2)
        rows.change("UPDATE jobs SET due_at = now() - interval '6 seconds'")

        old = await run_once(database, Kind(run=_raising(ZeroDivisionError())))
        with capture_logs() as logs:
            await old.defer_foreign()
            deferred = rows.one("SELECT status, attempts, due_at > now() FROM jobs")
            rows.change("UPDATE jobs SET due_at = now() - interval '6 seconds'")
            await old.defer_foreign()
        rows.change("UPDATE jobs SET due_at = now()")
        await run_once(database, Kind(run=_telling), envelope=2)

        assert deferred == ("queued", 0, True)
        assert old.counts.registry.get_sample_value("jobs_deferred_total", {"reason": "newer envelope"}) == 2
        assert [(log["event"], log["kind"]) for log in logs] == [("jobs.deferred", "canary")]
        assert rows.one("SELECT status, attempts FROM jobs") == ("done", 1)

    async def test_previous_release_works_on_this_schema(self, database: Database, token: str, rows: Rows) -> None:
        """The statements of the release before this one enqueue, claim and finish."""
        user = await user_of(database, token)
        rows.change(
            "INSERT INTO jobs (kind, twin_id, idempotency_key, payload, envelope) VALUES ('canary', %s, 'k', '{}', 1)",
            user.twin_id,
        )
        rows.change(
            "WITH chosen AS MATERIALIZED (SELECT id FROM jobs WHERE status IN ('queued', 'running') AND due_at <= now()"
            " AND kind IN ('canary') AND envelope <= 1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " UPDATE jobs SET status = 'running', attempts = attempts + 1, due_at = now() + interval '0 s',"
            " worker_id = 'old' FROM chosen WHERE jobs.id = chosen.id"
        )
        await run_once(database, Kind(run=_telling))
        rows.change("UPDATE jobs SET status = 'failed', error = 'x', finished_at = now()")

        assert rows.one(ENDED) == (["lost", "started", "progress", "done"],)


class TestRetention:
    """What is over is not kept for ever."""

    async def test_deletes_what_is_old(self, database: Database, token: str, rows: Rows) -> None:
        """Done jobs go after their time with their logs, dead ones after theirs, open ones never."""
        for key in ("old", "new", "dead", "dead and old", "open"):
            await queue(database, token, key=key)
        rows.change(
            "UPDATE jobs SET status = 'done', finished_at = now() - interval '20 days' WHERE created_at <= now()"
        )
        rows.change("UPDATE jobs SET finished_at = now() WHERE idempotency_key = 'new'")
        rows.change("UPDATE jobs SET status = 'dead' WHERE idempotency_key ^@ 'dead'")
        rows.change("UPDATE jobs SET finished_at = now() - interval '99 days' WHERE idempotency_key = 'dead and old'")
        rows.change("UPDATE jobs SET status = 'queued', finished_at = NULL WHERE idempotency_key = 'open'")
        rows.change("INSERT INTO job_logs (job_id, attempt, event) SELECT id, 1, 'done' FROM jobs")

        async with database.unit_of_work() as connection:
            retention = Retention(finished=timedelta(days=14), dead=timedelta(days=90))
            deleted = await upkeep.purge(connection, retention, most=100)

        assert deleted == 2
        assert rows.one("SELECT array_agg(idempotency_key ORDER BY idempotency_key) FROM jobs") == (
            ["dead", "new", "open"],
        )
        assert rows.one("SELECT count(*) FROM job_logs") == (3,)
