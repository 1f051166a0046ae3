"""The doors as processes: start, stop, and death."""

import asyncio
import re
import signal
import socket
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from backend.access import tokens
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests.integration.test_jobs import queue
from backend.tests.integration.unruly_worker import BEGUN, PRIVATE
from backend.tests.integration.world import (
    Rows,
    as_variables,
    bearer,
    ended,
    eventually,
    http_client,
    is_answering,
    left_thought,
    make_environment,
    process,
    user_of,
    working,
)
from conftest import free_port

API = ("-m", "uvicorn", "backend.api.main:app", "--host", "127.0.0.1", "--no-access-log")
WORKER = ("-m", "backend.worker.main")
UNRULY = ("-m", "backend.tests.integration.unruly_worker")
ADMIN = ("-m", "backend.admin.main")


async def capture(client: httpx.AsyncClient, token: str) -> str:
    """Capture a thought and return its job's id."""
    response = await client.post("/v1/capture/thought", json={"text": "slow"}, headers=bearer(token))
    job_id: str = response.json()["job_id"]
    return job_id


class TestSettings:
    """A process that cannot be configured does not start."""

    @pytest.mark.parametrize("door", [(*API, "--port", "1"), WORKER], ids=["api", "worker"])
    async def test_names_all_that_is_missing(self, door: tuple[str, ...]) -> None:
        """It ends with status 2 and every name at once, without a stack trace."""
        with process(*door, variables={"DATABASE_URL": "postgresql://<user>:<secret>@db/app"}) as started:
            code, output = await ended(started)

        assert code == 2, output
        assert re.findall(r"^  (\w+) ", output, re.MULTILINE) == [
            "DATABASE_URL",
            "ENVIRONMENT",
            "REDIS_URL",
            "SECRET_KEY",
        ]
        assert "Traceback" not in output

    async def test_output_holds_no_secret(self) -> None:
        """A worker without database and Redis says so, and shows neither passwords nor traces."""
        environment = make_environment(
            "postgresql://app:hidden-one@127.0.0.1:1/app", redis_url="redis://:hidden-two@127.0.0.1:1/0"
        )
        with process(*WORKER, variables={**as_variables(environment), "LOG_LEVEL": "DEBUG"}) as started:

            async def has_looked() -> bool:
                return "worker.schema_differs" in started.said() or started.child.poll() is not None

            await eventually(has_looked)
            started.child.terminate()
            code, output = await ended(started)

        assert code == 0, output
        assert "hidden" not in output
        assert "Traceback" not in output


class TestApi:
    """The API as the platform starts and stops it."""

    async def test_stop_lets_requests_finish(self, environment: Environment, token: str, rows: Rows) -> None:
        """A request under way at SIGTERM gets its answer."""
        port = free_port()
        with process(*API, "--port", str(port), variables=as_variables(environment)) as started:
            async with http_client(f"http://127.0.0.1:{port}") as client:
                await eventually(lambda: is_answering(client))
                with rows.locked("LOCK TABLE thoughts IN EXCLUSIVE MODE") as lock:
                    request = asyncio.create_task(capture(client, token))
                    await eventually(rows.waits_for_lock)
                    started.child.send_signal(signal.SIGTERM)
                    await eventually(lambda: _refuses(port))
                    lock.rollback()
                    job_id = await request
            code, output = await ended(started)

        assert await rows.job(job_id) == ("done", 0, None)
        # The server repeats the signal to itself once it has stopped, as a shell expects.
        assert code in {0, -signal.SIGTERM}
        assert "api.stopped" in output


async def _refuses(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    return False


class TestWorker:
    """The worker as the platform starts, stops and loses it."""

    async def test_killed_worker_loses_nothing(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """A job whose worker is killed is finished by another one, once, when the lease has run out."""
        job_id = await left_thought(database, token)
        with rows.locked("SELECT 1 FROM thoughts FOR UPDATE") as lock:
            with process(*WORKER, variables=as_variables(environment)) as killed:
                await eventually(rows.waits_for_lock)
                assert (await rows.job(job_id))[:2] == ("running", 1)
                killed.child.kill()
                await ended(killed)
            lock.rollback()
        rows.lapse()
        async with working(environment) as second:
            await eventually(lambda: rows.is_done(job_id))

        assert await rows.job(job_id) == ("done", 2, second.identity.id)
        assert rows.one("SELECT count(*) FROM thoughts WHERE processed_at IS NOT NULL") == (1,)

    async def test_stop_finishes_the_job_under_way(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """At SIGTERM the job under way is finished, the heartbeat says stopped, the exit code is 0."""

        async def state() -> str:
            return str(rows.one("SELECT state FROM worker_heartbeats")[0])

        async def is_stopping() -> bool:
            return await state() == "stopping"

        job_id = await left_thought(database, token)
        with (
            rows.locked("SELECT 1 FROM thoughts FOR UPDATE") as lock,
            process(*WORKER, variables=as_variables(environment)) as started,
        ):
            await eventually(rows.waits_for_lock)
            started.child.send_signal(signal.SIGTERM)
            await eventually(is_stopping)
            lock.rollback()
            code, output = await ended(started)

        assert code == 0, output
        assert (await rows.job(job_id))[:2] == ("done", 1)
        assert await state() == "stopped"

    async def test_shows_that_it_is_ready_and_what_it_counts(
        self, environment: Environment, database: Database, token: str, rows: Rows, tmp_path: Path
    ) -> None:
        """While it works there is a file and a page of counts; after the stop the file is gone."""
        ready_file, port = tmp_path / "ready", free_port()
        variables = {"WORKER_READY_FILE": str(ready_file), "WORKER_METRICS_PORT": str(port)}
        job_id, finished = await queue(database, token), 'jobs_finished_total{kind="canary",outcome="done"}'
        with process(*WORKER, variables={**as_variables(environment), **variables}) as started:
            await eventually(lambda: rows.is_done(job_id))
            was_ready = await eventually(lambda: asyncio.to_thread(ready_file.exists))
            async with http_client(f"http://127.0.0.1:{port}") as client:
                # A job is done in the database a moment before its worker has counted it and let it go.
                counts = await eventually(lambda: _metrics_with(client, f"{finished} 1.0"))
            await eventually(lambda: _holds_nothing(rows))
            started.child.send_signal(signal.SIGTERM)
            code, output = await ended(started)

        assert (code, was_ready, ready_file.exists()) == (0, True, False)
        assert counts
        assert '"ended": [], "handed_back": []' in output

    async def test_readiness_of_a_killed_worker_is_forgotten(
        self, environment: Environment, rows: Rows, tmp_path: Path
    ) -> None:
        """A file that was left behind is gone before the first heartbeat."""
        ready_file = tmp_path / "ready"
        ready_file.touch()
        rows.change("UPDATE alembic_version SET version_num = '0001'")

        async def is_gone() -> bool:
            return not await asyncio.to_thread(ready_file.exists)

        async with working(environment.model_copy(update={"worker_ready_file": ready_file})):
            await eventually(is_gone)

        assert not ready_file.exists()

    async def test_says_that_its_port_is_taken(self, environment: Environment) -> None:
        """A worker that cannot show its counts does not start, and names the setting and the way out."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            variables = {**as_variables(environment), "WORKER_METRICS_PORT": str(port)}
            with process(*WORKER, variables=variables) as started:
                code, output = await ended(started)

        assert code == 2, output
        assert f"WORKER_METRICS_PORT {port} cannot be listened on" in output
        assert "choose a port that is free" in output
        assert "Traceback" not in output

    async def test_stop_says_what_it_hands_back(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """A job that outlasts the grace period is queued again at once, by name, and its attempt does not count."""
        job_id = await left_thought(database, token)
        impatient = environment.model_copy(update={"worker_grace_seconds": 0.1})
        with (
            rows.locked("SELECT 1 FROM thoughts FOR UPDATE"),
            process(*WORKER, variables=as_variables(impatient)) as started,
        ):
            await eventually(rows.waits_for_lock)
            started.child.send_signal(signal.SIGTERM)
            code, output = await ended(started)

        assert code == 0, output
        assert f'"handed_back": ["{job_id}"]' in output
        assert rows.one("SELECT status, attempts, max_attempts FROM jobs") == ("queued", 1, 6)


async def _metrics_with(client: httpx.AsyncClient, line: str) -> bool:
    return line in (await client.get("/metrics")).text


async def _holds_nothing(rows: Rows) -> bool:
    sql = "SELECT count(*) FROM worker_heartbeats, jobs WHERE report ->> 'in_flight' = '0' AND beat_at > finished_at"
    return bool(rows.one(sql)[0])


class TestUnrulyJobs:
    """Jobs that would bring their worker down, or keep it up."""

    async def test_private_words_are_not_told(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """Neither what a job ends its process with nor what it leaves in the loop is shown, and the worker goes on."""

        async def is_over() -> bool:
            return rows.one("SELECT count(*) FROM job_logs WHERE event IN ('done', 'dead')") == (2,)

        for key in ("strays", "exits"):
            await queue(database, token, key=key)
        # A second attempt would be under way, or not, when the worker is stopped.
        rows.change("UPDATE jobs SET max_attempts = 1")
        with process(*UNRULY, variables=as_variables(environment)) as started:
            await eventually(is_over)
            started.child.send_signal(signal.SIGTERM)
            code, output = await ended(started)

        assert code == 0, output
        assert "worker.stray_error" in output
        assert rows.one("SELECT error FROM jobs WHERE status = 'dead'") == ("unexpected SystemExit",)
        assert PRIVATE not in output
        assert "Traceback" not in output

    async def test_job_that_refuses_to_end_is_left_behind(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """The worker names it and ends without it, soon after the grace period."""
        job_id = await queue(database, token, key="refuses")
        impatient = environment.model_copy(update={"worker_grace_seconds": 1.0})
        with process(*UNRULY, variables=as_variables(impatient)) as started:
            await eventually(lambda: _has_begun(rows, job_id))
            started.child.send_signal(signal.SIGTERM)
            code, output = await ended(started)

        assert code == 1, output
        assert f'"left": ["{job_id}"]' in output
        assert (await rows.job(job_id))[0] == "running"

    async def test_job_that_blocks_the_loop_does_not_keep_it(
        self, environment: Environment, database: Database, token: str, rows: Rows
    ) -> None:
        """A worker that can do nothing any more is ended by force, and says so."""
        job_id = await queue(database, token, key="blocks")
        impatient = environment.model_copy(update={"worker_grace_seconds": 1.0})
        with process(*UNRULY, "1.0", variables=as_variables(impatient)) as started:
            await eventually(lambda: _has_begun(rows, job_id))
            started.child.send_signal(signal.SIGTERM)
            code, output = await ended(started)

        assert code == 1, output
        assert "worker.stop_overran" in output


async def _has_begun(rows: Rows, job_id: UUID) -> bool:
    # Claimed is not begun: who is told to end before, obeys.
    return rows.one("SELECT progress ->> 'note' FROM jobs WHERE id = %s", job_id) == (BEGUN,)


class TestAdmin:
    """The operator's door."""

    async def test_issues_and_revokes(self, environment: Environment, database: Database, rows: Rows) -> None:
        """A token is shown once, alone on standard output, and opens the door until it is revoked."""
        variables = {"DATABASE_URL": as_variables(environment)["DATABASE_URL"]}
        owner = ("--user", "eve@example.org", "--name", "cli")
        with process(*ADMIN, "issue-token", *owner, "--days", "2", variables=variables) as issuing:
            issued_code, output = await ended(issuing)
        user = await user_of(database, output.strip())
        with process(*ADMIN, "revoke-token", *owner, variables=variables) as revoking:
            revoked_code, _ = await ended(revoking)

        assert (issued_code, revoked_code) == (0, 0)
        assert tokens.is_token(output.removesuffix("\n"))
        assert rows.one("SELECT user_id, revoked_at IS NOT NULL FROM api_tokens") == (user.user_id, True)
