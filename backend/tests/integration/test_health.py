"""Health tells the truth about the database, Redis, the schema and the workers."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from backend.access import tokens
from backend.access.tokens import NewToken, Scope
from backend.api.main import create_app
from backend.core import clock
from backend.core.environment import Environment
from backend.core.fingerprint import fingerprint_of
from backend.db.unit_of_work import Connection, Database
from backend.jobs.records import ENVELOPE, ClaimedJob, Kind
from backend.tests.integration.world import HEAD, NOWHERE, Rows, bearer, eventually, make_environment, serving, working

_ADA = "ada@example.org"


def _keyed(environment: Environment) -> Environment:
    """Return settings whose fingerprint is told."""
    return environment.model_copy(update={"config_fingerprint_key": SecretStr("f" * 40)})


class TestReady:
    """GET /health/ready."""

    @pytest.mark.contracts
    async def test_ready_with_all(self, client: httpx.AsyncClient) -> None:
        """Everything answers and the schema is this build's own."""
        response = await client.get("/health/ready")

        ready = response.json()
        assert response.status_code == 200
        assert ready["status"] == "ready"
        assert (ready["version"], ready["commit"], ready["environment"]) == ("unknown", "unknown", "development")
        assert (ready["schema_revision"], ready["schema_head"]) == (HEAD, HEAD)
        assert ready["checks"]["schema"] == {"ok": True, "detail": "current"}
        assert (ready["build_id"], ready["fingerprint"]) == (None, None)
        assert {name for name, check in ready["checks"].items() if check["ok"]} == {"database", "redis", "schema"}

    async def test_says_which_process_answers_and_how_it_is_set_up(self, environment: Environment) -> None:
        """Two replicas differ in one word; their fingerprints are equal as long as their settings are."""
        keyed = _keyed(environment)
        other = keyed.model_copy(update={"secret_key": SecretStr("o" * 40)})
        said = []
        for each in (keyed, keyed, other):
            async with serving(create_app(each)) as client:
                said.append((await client.get("/health/ready")).json())

        assert len({one["replica"] for one in said}) == 3
        assert said[0]["fingerprint"] == said[1]["fingerprint"] != said[2]["fingerprint"]
        assert said[0]["fingerprint"]

    async def test_newer_schema_is_served(self, environment: Environment, rows: Rows) -> None:
        """After a rollback the old build meets the newer schema: it serves, and says so once."""
        rows.change("UPDATE alembic_version SET version_num = 'made-later'")

        with capture_logs() as logs:
            async with serving(create_app(environment)) as client:
                response = await client.get("/health/ready")

                async def warning() -> list[object]:
                    return [log for log in logs if log["event"] == "api.schema_differs"]

                warnings = await eventually(warning)

        assert response.status_code == 200
        assert response.json()["checks"]["schema"] == {"ok": True, "detail": "newer"}
        assert response.json()["schema_revision"] == "made-later"
        assert len(warnings) == 1

    @pytest.mark.parametrize(
        "change", ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"]
    )
    async def test_older_schema_is_refused(self, client: httpx.AsyncClient, rows: Rows, change: str) -> None:
        """A build must not get requests before its migrations."""
        rows.change(change)

        response = await client.get("/health/ready")

        assert response.status_code == 503
        assert response.json()["status"] == "not_ready"
        assert response.json()["checks"]["schema"] == {"ok": False, "detail": "older"}

    async def test_without_redis_is_ready_and_says_so(self, environment: Environment) -> None:
        """Redis down takes no API away: what needs it is later, not lost."""
        without = environment.model_copy(update={"redis_url": SecretStr(NOWHERE)})

        async with serving(create_app(without)) as client:
            response = await client.get("/health/ready")

        assert (response.status_code, response.json()["status"]) == (200, "ready")
        assert response.json()["checks"]["database"]["ok"]
        assert not response.json()["checks"]["redis"]["ok"]


class TestWithoutDatabase:
    """The database is down from the start."""

    @pytest.fixture
    def without(self) -> Environment:
        """Return settings that name a database that is not there."""
        return make_environment("postgresql://app:hidden-secret@127.0.0.1:1/app")

    async def test_it_lives(self, without: Environment) -> None:
        """The process starts and answers; it is alive, and not ready."""
        async with serving(create_app(without)) as client:
            live, ready = await client.get("/health/live"), await client.get("/health/ready")

        assert (live.status_code, live.json()) == (200, {"status": "alive"})
        assert (ready.status_code, ready.json()["checks"]["schema"]["detail"]) == (503, "unknown")
        assert "hidden-secret" not in ready.text

    async def test_requests_get_a_problem(self, without: Environment, token: str) -> None:
        """A request answers 503 with problem details, soon."""
        async with serving(create_app(without)) as client:
            response = await client.post("/v1/jobs/canary", headers=bearer(token))

        assert response.status_code == 503
        assert response.json()["type"] == "urn:problem-type:database-unavailable"
        assert response.headers["retry-after"]


class TestConnections:
    """Connections that the server has closed."""

    async def test_no_request_fails_for_them(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """A connection that broke while idle is replaced before it is used."""
        await client.post("/v1/jobs/canary", headers=bearer(token))
        # In a thread, so that this process's own loop goes on and hears the server hang up.
        await asyncio.to_thread(
            rows.change,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )

        response = await client.post("/v1/jobs/canary", headers=bearer(token))

        assert response.status_code == 202


class TestWorkers:
    """GET /health/workers."""

    @pytest.mark.contracts
    async def test_lists_a_worker_through_its_life(self, client: httpx.AsyncClient, environment: Environment) -> None:
        """A worker is listed while it runs, and as stopped afterwards."""

        async def states() -> list[str]:
            workers = (await client.get("/health/workers")).json()["workers"]
            return [worker["state"] for worker in workers]

        async with working(environment):
            assert await eventually(states) == ["running"]

        (worker,) = (await client.get("/health/workers")).json()["workers"]
        assert worker["state"] == "stopped"
        assert worker["schema_revision"] == HEAD
        assert 0 <= worker["age_s"] < 3600

    async def test_says_what_a_worker_can_read_and_how_it_stopped(
        self, client: httpx.AsyncClient, environment: Environment, token: str
    ) -> None:
        """What a release asks of it: which forms and kinds, how it is set up, and what became of the jobs in hand."""
        keyed = _keyed(environment).model_copy(update={"worker_grace_seconds": 0.05})
        jobs: list[ClaimedJob] = []

        async def never_ends(_connection: Connection, job: ClaimedJob) -> None:
            jobs.append(job)
            await asyncio.Event().wait()

        async def seen() -> dict[str, Any]:
            (worker,) = (await client.get("/health/workers")).json()["workers"]
            return {name: worker[name] for name in ("state", "in_flight", "stop")}

        async def busy() -> bool:
            return bool(jobs) and (await seen())["in_flight"] == 1

        async with working(keyed, {"canary": Kind(run=never_ends)}):
            await client.post("/v1/jobs/canary", headers=bearer(token))
            await eventually(busy)
            running = await seen()

        (worker,) = (await client.get("/health/workers")).json()["workers"]
        assert running == {"state": "running", "in_flight": 1, "stop": None}
        assert (worker["envelope"], worker["kinds"]) == (ENVELOPE, ["canary"])
        assert worker["fingerprint"] == fingerprint_of(keyed)
        counted = {name: worker["stop"][name] for name in ("in_flight", "ended", "handed_back", "left")}
        assert counted == {"in_flight": 1, "ended": 0, "handed_back": 1, "left": 0}
        assert 0 < worker["stop"]["seconds"] < 3600

    async def test_is_listed_on_a_schema_that_was_taken_back(
        self, client: httpx.AsyncClient, environment: Environment, rows: Rows
    ) -> None:
        """The column is gone under a worker that runs: it beats on and is listed, with what fits."""

        async def running() -> list[str]:
            workers = (await client.get("/health/workers")).json()["workers"]
            return [worker["id"] for worker in workers if worker["state"] == "running"]

        async with working(environment) as worker:
            assert await eventually(running) == [worker.identity.id]
            rows.change("ALTER TABLE worker_heartbeats DROP COLUMN report")
            rows.change("UPDATE worker_heartbeats SET state = 'stopped'")
            assert await eventually(running) == [worker.identity.id]
            (seen,) = (await client.get("/health/workers")).json()["workers"]

        assert (seen["commit"], seen["kinds"], seen["stop"]) == ("unknown", None, None)

    async def test_forgets_those_of_long_ago(self, client: httpx.AsyncClient, rows: Rows) -> None:
        """A worker that was silent for an hour is not listed."""
        rows.change(
            "INSERT INTO worker_heartbeats (id, version, commit, host, pid, state, beat_at)"
            " VALUES ('old', 'v', 'c', 'h', 1, 'running', now() - interval '61 minutes')"
        )

        assert (await client.get("/health/workers")).json() == {"workers": []}


class TestSecrets:
    """GET /health/secrets."""

    async def test_shows_fingerprints_and_no_value(
        self, environment: Environment, database: Database, token: str
    ) -> None:
        """Of the API and of each worker, by variable; the same secret looks the same in both, another one differs."""
        keyed = _keyed(environment)
        async with serving(create_app(keyed)) as client, working(keyed) as worker:

            async def told() -> list[Any]:
                said = (await client.get("/health/secrets", headers=bearer(token))).json()["workers"]
                return [each for each in said if each["id"] == worker.identity.id and each["secrets"]]

            (beat,) = await eventually(told)
            answer = await client.get("/health/secrets", headers=bearer(token))

        shown = answer.json()["secrets"]
        assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= set(shown)
        assert "CONFIG_FINGERPRINT_KEY" not in shown
        assert all(len(each) == 8 for each in shown.values())
        assert beat["secrets"] == shown
        hidden = [keyed.database_url, keyed.redis_url, keyed.secret_key, keyed.config_fingerprint_key]
        assert not [each for each in hidden if each and each.get_secret_value() in answer.text]

    async def test_shows_nothing_without_a_key(self, client: httpx.AsyncClient, token: str) -> None:
        """An unkeyed hash could be tried until it fits."""
        answer = await client.get("/health/secrets", headers=bearer(token))
        assert (answer.status_code, answer.json()["secrets"]) == (200, {})

    async def test_is_for_who_manages_users_alone(self, environment: Environment, database: Database) -> None:
        """Nobody without a token, and no token of another scope."""
        narrow = tokens.generate()
        expires_at = clock.now() + timedelta(days=1)
        async with database.unit_of_work() as connection:
            scopes = tuple(each for each in Scope if each is not Scope.MANAGE)
            await tokens.keep(
                connection, NewToken(email=_ADA, name="less", secret=narrow, expires_at=expires_at, scopes=scopes)
            )
        async with serving(create_app(_keyed(environment))) as client:
            answers = [
                await client.get("/health/secrets", headers=each) for each in ({}, bearer("unknown"), bearer(narrow))
            ]
        assert [each.status_code for each in answers] == [401, 401, 403]
        assert not [each for each in answers if "DATABASE_URL" in each.text]


class TestMetrics:
    """GET /metrics."""

    async def test_counts_by_route(self, client: httpx.AsyncClient, token: str) -> None:
        """Requests are counted by route, not by address, so that ids make no new series."""
        await client.get("/v1/jobs/00000000-0000-0000-0000-000000000000", headers=bearer(token))

        counts = (await client.get("/metrics")).text

        assert 'method="GET",route="/v1/jobs/{job_id}",status="404"} 1.0' in counts
        assert 'build_info{commit="unknown",version="unknown"} 1.0' in counts
