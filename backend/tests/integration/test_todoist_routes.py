"""What the owner of an account may ask over the API, and what a worker makes of it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.features.todoist.schemas import TodoistStatusV1
from backend.tests.integration.todoist_world import OWNER, Both, both_sides
from backend.tests.integration.world import Rows, bearer, eventually, issue_token, make_environment, serving, working


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


@pytest.fixture
def connected(both: Both) -> Environment:
    """Return settings with an account."""
    return make_environment(
        both.here.database_url,
        todoist_api_token=SecretStr(both.there.token),
        todoist_owner_email=OWNER.upper(),
        todoist_base_url=both.there.access.base_url,
        todoist_sync_cron="*/15 * * * *",
    )


@pytest.fixture
async def api(connected: Environment, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return the owner's client of the API."""
    async with serving(create_app(connected)) as client:
        client.headers.update(bearer(await issue_token(database, OWNER)))
        yield client


async def status_of(api: httpx.AsyncClient) -> TodoistStatusV1:
    """Return the status, checked against its contract."""
    answer = await api.get("/v1/sync/todoist/status")
    assert answer.status_code == 200, answer.text
    return TodoistStatusV1.model_validate_json(answer.content)


async def test_a_repeated_request_means_the_job_that_waits(both: Both, api: httpx.AsyncClient) -> None:
    """One that agrees to a mass deletion is another job."""
    assert (await status_of(api)).state == "idle"
    both.here.add("here")

    sync, again = [await api.post("/v1/sync/todoist") for _ in range(2)]
    reconcile, confirmed = [await api.post(f"/v1/sync/todoist/reconcile{query}") for query in ("", "?confirm=true")]

    assert [sync.status_code, reconcile.status_code] == [202, 202]
    job_id = sync.json()["job_id"]
    assert again.json() == sync.json() == {"job_id": job_id, "status_url": f"/v1/jobs/{job_id}"}
    assert len({each.json()["job_id"] for each in (sync, reconcile, confirmed)}) == 3
    waiting = await status_of(api)
    assert (waiting.state, waiting.counts and waiting.counts.unlinked) == ("pending", 1)


async def test_a_sync_and_a_reconcile_run_and_are_told_of(
    both: Both, api: httpx.AsyncClient, connected: Environment
) -> None:
    """From the request to the status."""
    both.here.add("here")
    both.there.add("there")
    rows, jobs = Rows(database_url=both.here.database_url), list[str]()

    async with working(connected):
        # One after the other: of two that wait, either may come first.
        for path in ("", "/reconcile"):
            job_id = (await api.post(f"/v1/sync/todoist{path}")).json()["job_id"]
            jobs.append(job_id)
            await eventually(lambda job_id=job_id: rows.is_done(job_id))  # type: ignore[misc]

    status = await status_of(api)
    runs = [status.last_sync, status.last_reconcile]
    assert [(each and each.state, each and str(each.job_id)) for each in runs] == [("done", each) for each in jobs]
    assert status.counts is not None
    assert (status.counts.linked, status.counts.pending_commands) == (2, 0)
    assert None not in (status.next_sync_at, status.next_reconcile_at, status.last_success_at)
    assert (status.state, status.drift.get("in_sync"), status.errors) == ("idle", 2, [])
    both.assert_equal()


async def test_a_stranger_is_not_connected(api: httpx.AsyncClient, database: Database) -> None:
    """They learn nothing of whose account it is."""
    headers = bearer(await issue_token(database, "eve@example.org"))

    for path in ("", "/reconcile"):
        answer = await api.post(f"/v1/sync/todoist{path}", headers=headers)
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:problem-type:todoist-not-connected"
        assert OWNER not in answer.text
    shown = await api.get("/v1/sync/todoist/status", headers=headers)
    assert (shown.status_code, shown.json()["state"]) == (200, "not_connected")


async def test_without_a_token_nobody_is_connected(both: Both, environment: Environment, token: str) -> None:
    """The worker then has no schedule for it either."""
    async with serving(create_app(environment)) as client, working(environment):
        assert (await client.post("/v1/sync/todoist", headers=bearer(token))).status_code == 409
        rows = Rows(database_url=both.here.database_url)

        async def has_schedules() -> bool:
            return bool(rows.one("SELECT count(*) FROM job_schedules")[0])

        await eventually(has_schedules)
    assert rows.one("SELECT count(*) FROM job_schedules WHERE kind LIKE 'todoist%%'") == (0,)


async def test_a_refused_token_is_shown_until_a_person_acts(
    both: Both, api: httpx.AsyncClient, connected: Environment
) -> None:
    """The job is given up at once; the status says what to do, and not the token."""
    both.there.fault("unauthorized")
    job_id = (await api.post("/v1/sync/todoist")).json()["job_id"]

    async with working(connected):
        rows = Rows(database_url=both.here.database_url)

        async def is_dead() -> bool:
            return (await rows.job(job_id))[:2] == ("dead", 1)

        await eventually(is_dead)

    status = await status_of(api)
    assert status.state == "blocked"
    assert "TODOIST_API_TOKEN" in status.errors[0]
    assert both.there.token not in status.model_dump_json()


async def test_a_schedule_syncs_for_the_owner(both: Both, connected: Environment) -> None:
    """Its job is nobody's; whose account it is is looked up when it runs."""
    both.there.add("there")
    async with working(connected):
        rows = Rows(database_url=both.here.database_url)

        async def is_there() -> bool:
            return rows.one("SELECT count(*) FROM job_schedules WHERE kind = 'todoist.sync'") == (1,)

        await eventually(is_there)
        rows.change("UPDATE job_schedules SET next_at = now() WHERE kind = 'todoist.sync'")

        async def is_synced() -> bool:
            return both.here.open_titles() == ["there"]

        await eventually(is_synced)


async def test_old_runs_and_commands_are_forgotten(both: Both) -> None:
    """But the latest good run of each kind, and commands without an end, are kept."""
    both.here.add("here")
    await both.sync()
    long_ago = "now() - interval '40 days'"
    both.here.execute(f"UPDATE todoist_runs SET started_at = {long_ago}, finished_at = {long_ago}")  # noqa: S608
    both.here.execute("UPDATE todoist_commands SET settled_at = now() - interval '40 days'")

    await both.reconcile()
    assert both.here.rows("SELECT kind FROM todoist_runs ORDER BY kind") == [{"kind": "reconcile"}, {"kind": "sync"}]
    await both.sync()

    assert both.here.rows("SELECT count(*) AS n FROM todoist_commands") == [{"n": 0}]
    assert both.here.rows("SELECT count(*) AS n FROM todoist_runs WHERE started_at < now() - interval '1 day'") == [
        {"n": 0}
    ]
