"""GET /v1/jobs, cancel and retry: for the owner alone."""

import asyncio

import httpx
import pytest

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.jobs.records import Kind
from backend.tests.integration.test_jobs import queue
from backend.tests.integration.test_queue import effect, run_once
from backend.tests.integration.world import Rows, bearer, eventually, issue_token, left_thought, working


class TestRead:
    """GET /v1/jobs/{id}."""

    @pytest.mark.contracts
    async def test_fields(self, client: httpx.AsyncClient, database: Database, token: str) -> None:
        """A waiting job says what it is, how often it was tried, and when it is next."""
        job_id = await queue(database, token)

        job = (await client.get(f"/v1/jobs/{job_id}", headers=bearer(token))).json()

        assert {name: job[name] for name in ("kind", "status", "attempts", "max_attempts", "priority", "progress")} == {
            "kind": "canary",
            "status": "queued",
            "attempts": 0,
            "max_attempts": 5,
            "priority": 0,
            "progress": None,
        }
        assert job["next_try_at"] >= job["created_at"]

    async def test_status_of_a_newer_release_is_shown(
        self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows
    ) -> None:
        """After a rollback a word that only the newer release knows is shown as it is, alone and in lists."""
        job_id = await queue(database, token)
        rows.change("ALTER TABLE jobs DROP CONSTRAINT valid_job_status")
        rows.change("UPDATE jobs SET status = 'paused'")

        job = await client.get(f"/v1/jobs/{job_id}", headers=bearer(token))
        listed = await client.get("/v1/jobs", headers=bearer(token))
        refused = await client.post(f"/v1/jobs/{job_id}/cancel", headers=bearer(token))

        assert (job.status_code, job.json()["status"]) == (200, "paused")
        assert (listed.status_code, listed.json()["jobs"][0]["status"]) == (200, "paused")
        assert refused.status_code == 409


class TestList:
    """GET /v1/jobs."""

    async def test_pages_newest_first(self, client: httpx.AsyncClient, database: Database, token: str) -> None:
        """Every job is on exactly one page, newest first, and the last page says that it is the last."""
        ids = [str(await queue(database, token, key=f"k{number}")) for number in range(5)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await client.get("/v1/jobs", params=_params(cursor), headers=bearer(token))
            seen += [job["id"] for job in answer.json()["jobs"]]
            cursor = answer.json()["next_cursor"]

        assert seen == ids[::-1]

    async def test_filters(self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows) -> None:
        """Only what was asked for is listed."""
        for number in range(3):
            await queue(database, token, key=f"k{number}")
        rows.change("UPDATE jobs SET status = 'dead' WHERE idempotency_key = 'k1'")

        dead = await client.get("/v1/jobs?status=dead&status=cancelled&kind=canary", headers=bearer(token))
        other = await client.get("/v1/jobs?kind=thought.process", headers=bearer(token))

        assert [job["status"] for job in dead.json()["jobs"]] == ["dead"]
        assert other.json() == {"contract": "job-page.v1", "jobs": [], "next_cursor": None}

    @pytest.mark.parametrize(
        "query", ["cursor=nonsense", "cursor=%C3%BC", "limit=0", "status=lost", "colour=red", "kind=%00"]
    )
    async def test_refuses_what_it_does_not_know(self, client: httpx.AsyncClient, token: str, query: str) -> None:
        """A foreign cursor, state or parameter is a problem, not an empty page."""
        assert (await client.get(f"/v1/jobs?{query}", headers=bearer(token))).status_code == 422


def _params(cursor: str | None) -> dict[str, str]:
    return {"limit": "2", **({"cursor": cursor} if cursor else {})}


class TestOwner:
    """Somebody else's job."""

    async def test_is_not_found(self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows) -> None:
        """Nobody reads, lists, cancels or retries another's job."""
        job_id = await queue(database, token)
        other = bearer(await issue_token(database, "eve@example.org"))
        answers = [
            await client.get(f"/v1/jobs/{job_id}", headers=other),
            await client.post(f"/v1/jobs/{job_id}/cancel", headers=other),
            await client.post(f"/v1/jobs/{job_id}/retry", headers=other),
        ]
        listed = await client.get("/v1/jobs", headers=other)

        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert listed.json()["jobs"] == []
        assert rows.one("SELECT status FROM jobs") == ("queued",)


class TestCancel:
    """POST /v1/jobs/{id}/cancel."""

    async def test_waiting_job_never_runs(
        self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows
    ) -> None:
        """A cancelled job is over; cancelling it again says the same."""
        job_id = await queue(database, token)

        answers = [await client.post(f"/v1/jobs/{job_id}/cancel", headers=bearer(token)) for _ in range(2)]
        await run_once(database, Kind(run=effect))

        assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "cancelled")] * 2
        assert rows.one("SELECT status, attempts FROM jobs") == ("cancelled", 0)

    async def test_running_job_leaves_no_effect(
        self, environment: Environment, client: httpx.AsyncClient, database: Database, token: str, rows: Rows
    ) -> None:
        """What a running attempt has written is rolled back when its job was cancelled meanwhile."""
        job_id = await left_thought(database, token)
        with rows.locked("SELECT 1 FROM thoughts FOR UPDATE") as lock:
            async with working(environment):
                await eventually(rows.waits_for_lock)
                answer = await client.post(f"/v1/jobs/{job_id}/cancel", headers=bearer(token))
                lock.rollback()

        assert answer.json()["status"] == "cancelled"
        assert rows.one("SELECT processed_at FROM thoughts") == (None,)
        assert (await rows.job(job_id))[0] == "cancelled"

    async def test_what_is_over_stays_so(
        self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows
    ) -> None:
        """A job that is done cannot be cancelled."""
        job_id = await queue(database, token)
        rows.change("UPDATE jobs SET status = 'done'")

        answer = await client.post(f"/v1/jobs/{job_id}/cancel", headers=bearer(token))

        assert (answer.status_code, answer.json()["type"]) == (409, "urn:problem-type:conflict")


class TestRetry:
    """POST /v1/jobs/{id}/retry."""

    @pytest.mark.parametrize("status", ["dead", "failed"])
    async def test_dead_job_gets_more_attempts(
        self, client: httpx.AsyncClient, database: Database, token: str, rows: Rows, status: str
    ) -> None:
        """It waits again, its attempts go on counting, and it may be tried as often as at first."""
        job_id = await queue(database, token)
        rows.change("UPDATE jobs SET status = %s, attempts = 5, finished_at = now()", status)

        answer = await client.post(f"/v1/jobs/{job_id}/retry", headers=bearer(token))

        job = answer.json()
        assert (job["status"], job["attempts"], job["max_attempts"], job["finished_at"]) == ("queued", 5, 10, None)

    async def test_only_what_is_dead(self, client: httpx.AsyncClient, database: Database, token: str) -> None:
        """A waiting job cannot be retried; of many who retry a dead one at once, one does."""
        job_id = await queue(database, token)
        answers = await asyncio.gather(
            *(client.post(f"/v1/jobs/{job_id}/retry", headers=bearer(token)) for _ in range(3))
        )

        assert {answer.status_code for answer in answers} == {409}
