"""Whatever a handler does, its job is settled and its worker goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from backend.core import clock
from backend.core.environment import Environment
from backend.db.unit_of_work import Connection, Database
from backend.jobs import heartbeat, losses
from backend.jobs.heartbeat import WorkerState
from backend.jobs.records import ClaimedJob, GiveUpJobError, Handler, Kind
from backend.jobs.runner import Runner
from backend.tests.integration.test_jobs import WORKER, make_runner, queue
from backend.tests.integration.test_queue import claim, run_once
from backend.tests.integration.world import DEADLINE_S, Rows, eventually, make_environment, working
from backend.worker.main import create_worker

LAPSE = "UPDATE jobs SET due_at = now() WHERE status = 'running'"


class _StrangeError(BaseException):
    """What only asyncio and the interpreter should raise."""


def _raising(error: BaseException) -> Handler:
    async def fail(_connection: Connection, _job: ClaimedJob) -> None:
        raise error

    return fail


async def _return(_connection: Connection, _job: ClaimedJob) -> None:
    """Do nothing."""


class TestFailures:
    """Everything that a handler raises is a failure with a reason."""

    @pytest.mark.parametrize(
        "error",
        [
            ConnectionRefusedError("mail"),
            FileNotFoundError("x"),
            TimeoutError("theirs"),
            SystemExit(3),
            KeyboardInterrupt(),
            _StrangeError("private words"),
            asyncio.CancelledError(),
        ],
        ids=lambda error: type(error).__name__,
    )
    async def test_is_settled_at_once(self, database: Database, token: str, rows: Rows, error: BaseException) -> None:
        """The job waits for its next attempt, and the reason is the kind of error and not its words."""
        await queue(database, token)
        await run_once(database, Kind(run=_raising(error)))

        assert rows.one("SELECT status, error FROM jobs") == ("queued", f"unexpected {type(error).__name__}")

    @pytest.mark.parametrize(
        ("words", "kept"),
        [("nul \x00.", "nul ?."), ("half \ud800.", "half ?."), ("é" * 9_000, "é" * 1_000)],
        ids=["nul", "surrogate", "long"],
    )
    async def test_any_words_can_be_kept(
        self, database: Database, token: str, rows: Rows, *, words: str, kept: str
    ) -> None:
        """What cannot be stored is replaced, and what nobody would read is cut."""
        await queue(database, token)
        await run_once(database, Kind(run=_raising(GiveUpJobError(words))))

        assert rows.one("SELECT status, error FROM jobs") == ("dead", kept)

    async def test_refused_words_do_not_keep_the_job(self, database: Database, token: str, rows: Rows) -> None:
        """When the database refuses the reason, the job is settled with a plain one."""
        rows.change("ALTER TABLE jobs ADD CHECK (error <> 'refused')")
        await queue(database, token)
        await run_once(database, Kind(run=_raising(GiveUpJobError("refused"))))

        (status, error) = rows.one("SELECT status, error FROM jobs")
        assert (status, error) == ("dead", "failed, with a reason that the database refuses to keep")

    async def test_any_note_can_be_kept(self, database: Database, token: str, rows: Rows) -> None:
        """A note on progress is cleaned like a reason."""

        async def tell(_connection: Connection, job: ClaimedJob) -> None:
            """Say something odd."""
            await job.report(10, "odd \x00\ud800")

        await queue(database, token)
        await run_once(database, Kind(run=tell))

        assert rows.one("SELECT status, progress->>'note' FROM jobs") == ("done", "odd ??")


class TestLosses:
    """A job that brings its worker down is found out, and those beside it do not pay for it."""

    async def _lose(self, database: Database, rows: Rows, *, times: int) -> list[ClaimedJob]:
        jobs: list[ClaimedJob] = []
        for _ in range(times):
            jobs = await claim(database, limit=10)
            rows.change(LAPSE)
        return jobs

    async def test_do_not_use_attempts_up(self, database: Database, token: str, rows: Rows) -> None:
        """A job whose worker was lost more often than it may fail is run, and may still fail as often as before."""
        await queue(database, token)
        await self._lose(database, rows, times=7)
        await run_once(database, Kind(run=_raising(ZeroDivisionError())))

        assert rows.one("SELECT status, attempts, max_attempts FROM jobs") == ("queued", 8, 12)

    async def test_first_loss_changes_nothing(self, database: Database, token: str, rows: Rows) -> None:
        """After a single loss jobs run beside each other as before."""
        for number in range(3):
            await queue(database, token, key=f"{number}")
        await self._lose(database, rows, times=1)
        together = asyncio.Barrier(3)

        async def meet(_connection: Connection, _job: ClaimedJob) -> None:
            """Wait for both others."""
            await together.wait()

        await run_once(database, Kind(run=meet))

        assert rows.one("SELECT count(*) FROM jobs WHERE status = 'done'") == (3,)

    async def test_suspects_run_alone(self, database: Database, token: str, rows: Rows) -> None:
        """What was lost twice has the worker for itself; what was claimed beside it is handed back, and all is done."""
        for number in range(3):
            await queue(database, token, key=f"suspect {number}")
        await self._lose(database, rows, times=2)
        for number in range(5):
            await queue(database, token, key=f"innocent {number}")
        company = _Company()
        runner = make_runner(database, company.run)
        await eventually(lambda: _swept(runner, rows))

        assert company.beside_suspects == 1
        assert rows.one("SELECT count(*) FROM job_logs WHERE event = 'alone'") == (3,)
        assert rows.one("SELECT count(*) FROM jobs WHERE status = 'done' AND attempts <= max_attempts") == (8,)

    async def test_loner_that_loses_its_worker_is_given_up(self, database: Database, token: str, rows: Rows) -> None:
        """A job that was alone each time its worker was lost is not run again."""
        await queue(database, token)
        await self._lose(database, rows, times=losses.COMPANY)
        for _ in range(losses.ALONE):
            (job,) = await claim(database, limit=1)
            async with database.statement() as connection:
                await losses.note_alone(connection, job)
            rows.change(LAPSE)
        await run_once(database, Kind(run=_return))

        reason = "given up: it ran alone 3 times, and its worker was lost each time"
        assert rows.one("SELECT status, error FROM jobs") == ("dead", reason)


class _Company:
    """Counts how many jobs run at once."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.beside_suspects = 0
        self._running: set[UUID] = set()
        self._suspects: set[UUID] = set()

    async def run(self, _connection: Connection, job: ClaimedJob) -> None:
        """Stay a little while."""
        self._running.add(job.id)
        if job.idempotency_key.startswith("suspect"):
            self._suspects.add(job.id)
        for _ in range(3):
            if self._running & self._suspects:
                self.beside_suspects = max(self.beside_suspects, len(self._running))
            await asyncio.sleep(0.02)
        self._running.discard(job.id)


async def _swept(runner: Runner, rows: Rows) -> bool:
    await runner.sweep()
    return rows.one("SELECT count(*) FROM jobs WHERE status <> 'done'") == (0,)


class TestLeases:
    """A worker that was blocked for longer than a lease."""

    async def test_job_taken_again_replaces_its_attempt(self, database: Database, token: str, rows: Rows) -> None:
        """The attempt before is stopped before the new one begins to work."""
        ended: list[int] = []
        begun, release = asyncio.Event(), asyncio.Event()

        async def wait(_connection: Connection, job: ClaimedJob) -> None:
            """Wait, and note how it ended."""
            begun.set()
            try:
                await release.wait()
            except asyncio.CancelledError:
                ended.append(job.attempt)
                raise

        await queue(database, token)
        runner = make_runner(database, wait)
        await runner.sweep()
        await begun.wait()
        rows.change(LAPSE)
        await runner.sweep()
        await eventually(lambda: _is_true(ended))
        release.set()
        drained = await runner.drain(timedelta(seconds=60))

        assert ended == [1]
        assert len(drained.ended) == 1
        assert rows.one("SELECT status, attempts FROM jobs") == ("done", 2)


async def _is_true(value: object) -> bool:
    return bool(value)


class TestStops:
    """A stop ends, whatever does not answer."""

    async def test_job_that_refuses_is_left(self, database: Database, token: str, rows: Rows) -> None:
        """A handler that swallows its cancellation is named, keeps its job, and holds nobody up."""
        begun, release = asyncio.Event(), asyncio.Event()

        async def refuse(_connection: Connection, _job: ClaimedJob) -> None:
            """Go on whatever happens."""
            begun.set()
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

        job_id = await queue(database, token)
        runner = make_runner(database, refuse)
        await runner.sweep()
        await begun.wait()
        drained = await asyncio.wait_for(runner.drain(timedelta(seconds=0.05)), DEADLINE_S)
        release.set()

        assert (drained.ended, drained.handed_back, drained.left) == ((), (), (job_id,))
        assert (await rows.job(job_id))[0] == "running"
        await eventually(lambda: rows.is_done(job_id))

    @pytest.mark.parametrize("table", ["jobs", "worker_heartbeats", "job_schedules"])
    async def test_locked_table_holds_nobody_up(
        self, database_url: str, rows: Rows, monkeypatch: pytest.MonkeyPatch, table: str
    ) -> None:
        """A table that somebody has locked does not keep a worker from ending."""
        monkeypatch.setattr("backend.worker.service.LAST_BEAT_S", 1.0)
        worker = create_worker(make_environment(database_url, worker_grace_seconds=0.1))
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        await eventually(lambda: _beats(rows))
        async with rows.locking(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"):
            await eventually(rows.waits_for_lock)
            stop.set()
            # It would wait for as long as the table is locked.
            await asyncio.wait_for(task, DEADLINE_S)
        await worker.transport.close()
        await worker.database.close()

        assert task.done()

    async def test_stop_during_a_claim_starts_what_was_claimed(
        self, database: Database, token: str, rows: Rows
    ) -> None:
        """A claim that the server has committed is not forgotten when its caller is stopped before the answer."""
        runner = make_runner(database, _return)
        # The statement is known to the server afterwards, so that a claim is one round trip.
        await runner.sweep()
        job_id = await queue(database, token)
        with rows.locked("LOCK TABLE jobs IN EXCLUSIVE MODE") as lock:
            sweeping = asyncio.create_task(runner.sweep())
            await eventually(rows.waits_for_lock)
            lock.rollback()
            # Without a pause, so that the answer is there and not yet read.
            deadline_s = clock.monotonic_s() + DEADLINE_S
            while rows.one("SELECT status FROM jobs") != ("running",):
                assert clock.monotonic_s() < deadline_s
            sweeping.cancel()
        await asyncio.wait([sweeping])
        await runner.drain(timedelta(seconds=60))

        assert sweeping.cancelled()
        assert await rows.is_done(job_id)


async def _beats(rows: Rows) -> bool:
    return bool(rows.one("SELECT count(*) FROM worker_heartbeats")[0])


class TestFrozenWorkers:
    """A worker that stands still does not keep rows locked."""

    @asynccontextmanager
    async def _holding(self, rows: Rows, worker_id: str) -> AsyncIterator[psycopg.Connection]:
        with psycopg.connect(rows.database_url, application_name=heartbeat.session_name(worker_id)) as connection:
            connection.execute("SELECT 1 FROM twins FOR UPDATE")
            yield connection
            connection.close()

    async def _beat(self, database: Database, rows: Rows, *, age: str) -> None:
        async with database.statement() as connection:
            await heartbeat.beat(connection, WORKER, state=WorkerState.RUNNING)
        rows.change("UPDATE worker_heartbeats SET beat_at = now() - %s::interval", age)

    @pytest.mark.parametrize(("age", "ended"), [("1 hour", 1), ("-1 hour", 0)], ids=["frozen", "alive"])
    async def test_its_transactions_are_ended(
        self, database: Database, token: str, rows: Rows, *, age: str, ended: int
    ) -> None:
        """What a silent worker has locked is free; a worker that beats may wait in its transaction."""
        assert token
        await self._beat(database, rows, age=age)
        async with self._holding(rows, WORKER.id) as frozen:
            await asyncio.sleep(0.3)
            async with database.statement() as connection:
                assert await heartbeat.end_silent(connection, timedelta(seconds=0.2)) == ended
            if ended:
                with pytest.raises(psycopg.OperationalError):
                    frozen.execute("SELECT 1")

    async def test_a_worker_does_so(self, database: Database, token: str, environment: Environment, rows: Rows) -> None:
        """Any worker ends them, within its upkeep."""
        assert token
        await self._beat(database, rows, age="1 hour")
        hasty = environment.model_copy(update={"job_lease_seconds": 1.0})
        async with self._holding(rows, WORKER.id), working(hasty):
            await eventually(lambda: _is_free(rows))

    async def test_server_ends_them_without_any_worker(self, environment: Environment) -> None:
        """The server itself ends what is idle for longer than any job may take."""
        worker = create_worker(environment, {"canary": Kind(run=_return, timeout=timedelta(seconds=40))})
        async with worker.database.statement() as connection:
            shown = await connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
            name = (await connection.exec_driver_sql("SHOW application_name")).scalar_one()
        await worker.transport.close()
        await worker.database.close()

        assert shown.scalar_one() == "100s"
        assert name == heartbeat.session_name(worker.identity.id)


async def _is_free(rows: Rows) -> bool:
    sql = "SELECT count(*) FROM (SELECT 1 FROM twins FOR UPDATE SKIP LOCKED) AS free"
    return bool(rows.one(sql)[0])
