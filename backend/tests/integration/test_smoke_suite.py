"""The smoke suite, run as a release runs it, against a real API and a worker."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests import smoke
from backend.tests.integration.test_processes import API, WORKER
from backend.tests.integration.todoist_world import OWNER, There, both_sides
from backend.tests.integration.world import (
    Rows,
    as_variables,
    ended,
    eventually,
    http_client,
    is_answering,
    issue_token,
    process,
)
from backend.tests.smoke import Sql
from conftest import free_port

SUITE = ("-m", "pytest", "-c", "/dev/null", "--rootdir", ".", "--noconftest", "-p", "no:cacheprovider", "-rs")
FILE = "backend/tests/test_phase8_staging_smoke.py"
LIMIT_S = 300.0
NEVER = "0 0 1 1 *"
# Every test does all that it does, and then fails.
SPOILER = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    yield
    raise AssertionError("spoiled")
"""


async def run(variables: Mapping[str, str], *words: str) -> tuple[int, str]:
    """Run the suite, and return how it ended and what it said."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "RUN_STAGING_SMOKE": "1", **variables}
    with process(*SUITE, *words, FILE, variables=alone) as started:
        return await ended(started, within_s=LIMIT_S)


@asynccontextmanager
async def serving(environment: Environment, database: Database) -> AsyncIterator[dict[str, str]]:
    """Start API and worker, and give the variables that the suite needs there."""
    port, variables = free_port(), as_variables(environment)
    with process(*API, "--port", str(port), variables=variables), process(*WORKER, variables=variables):
        async with http_client(f"http://127.0.0.1:{port}") as client:
            await eventually(lambda: is_answering(client))
        yield {
            "API_URL": f"http://127.0.0.1:{port}",
            "API_TOKEN": await issue_token(database, OWNER),
            "DATABASE_URL": variables["DATABASE_URL"],
            "REDIS_URL": variables["REDIS_URL"],
        }


async def sync_once(variables: Mapping[str, str], rows: Rows) -> None:
    """Have the worker sync both sides, and wait until it has."""
    headers = {"Authorization": f"Bearer {variables['API_TOKEN']}"}
    async with http_client(variables["API_URL"]) as client:
        asked = await client.post("/v1/sync/todoist", headers=headers)
    job_id = asked.json()["job_id"]
    await eventually(lambda: rows.is_done(job_id))


def tables_with(database_url: str, pattern: str) -> list[str]:
    """Return the tables in which any column of any row has a text of this form."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = "SELECT count(*) FROM {} t WHERE to_jsonb(t)::text ~ %s"
        counts = {name: connection.execute(found.format(name).encode(), (pattern,)).fetchone() for (name,) in names}
    return sorted(name for name, count in counts.items() if count != (0,))


async def test_production_is_met_only_when_it_is_meant_and_nothing_is_left_there(  # noqa: PLR0917  # fixtures
    environment: Environment,
    database: Database,
    rows: Rows,
    xai_url: str,
    todoist_url: str,
    tmp_path: Path,
) -> None:
    """One run may not; one that may passes, one fails at the end of every test: neither leaves a word on any side."""
    todoist = There(url=todoist_url, token=uuid4().hex)
    todoist.control("accounts", token=todoist.token)
    settings = {
        "environment": "production",
        "assistant_deadline_seconds": 60.0,
        "xai_api_key": SecretStr("xai-of-a-test"),
        "xai_base_url": f"{xai_url}/v1",
        "todoist_api_token": SecretStr(todoist.token),
        "todoist_owner_email": OWNER,
        "todoist_base_url": todoist.access.base_url,
        "todoist_sync_cron": NEVER,
        "todoist_reconcile_cron": NEVER,
    }
    (tmp_path / "spoiler.py").write_text(SPOILER)
    async with serving(environment.model_copy(update=settings), database) as variables:
        code, said = await run({**variables, "SMOKE_ENV": "staging"})
        assert (code, rows.one("SELECT count(*) FROM thoughts")) == (2, (0,)), said
        assert "says that it is production" in said
        assert "-- --env prod" in said

        spoiled = {**variables, "SMOKE_ENV": "prod", "PYTHONPATH": str(tmp_path)}
        (code, said), (spoiled_code, spoiled_said) = await asyncio.gather(
            run(variables, "-p", "backend.tests.smoke_option", "--env", "prod"), run(spoiled, "-p", "spoiler")
        )
        # As a schedule does: of a task that one run told Todoist of for the other, it hears now that it is gone.
        await sync_once(variables, rows)

    assert (code, "17 passed" in said, "skipped" in said) == (0, True, False), said
    assert (spoiled_code, "17 failed" in spoiled_said) == (1, True), spoiled_said
    assert rows.one("SELECT count(*) FROM jobs WHERE kind = 'thought.process'")[0] >= 4
    # One run's sync may have sent a command of the other's while that swept.
    assert set(tables_with(rows.database_url, "smoke[0-9a-f]{32}")) <= {"todoist_commands"}
    assert rows.one("SELECT count(*) FROM tasks") == (0,)
    assert todoist.items() == {}


async def test_a_task_that_a_schedule_brought_to_todoist_is_taken_away_there(
    database: Database, database_url: str, todoist_url: str
) -> None:
    """The row stays without its words until Todoist is told; what Todoist never knew is gone at once."""
    marker = f"smoke{uuid4().hex}"
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        mine = both.here.add("Buy milk")
        known = both.here.add(f"{marker} is in the shed", project_id=both.here.project(f"{marker} shed"))
        await both.sync()
        both.here.add("Look", notes=f"for {marker}")

        smoke.sweep(Sql(url=database_url), marker)
        left = tables_with(database_url, f'"(title|notes|text)": "[^"]*{marker}')
        await both.sync()

        assert set(left) <= {"todoist_commands", "todoist_links"}
        assert {row["id"] for row in both.here.rows("SELECT id FROM tasks")} == {mine, known}
        assert (both.here.task(known)["status"], both.here.open_titles()) == ("deleted", ["Buy milk"])
        both.assert_equal()


async def test_what_an_environment_does_not_have_is_skipped_with_a_reason(
    environment: Environment, database: Database
) -> None:
    """Neither Todoist nor a provider: both are named, and the rest passes."""
    async with serving(environment, database) as variables:
        code, said = await run(variables)

    assert (code, "14 passed, 3 skipped" in said) == (0, True), said
    assert re.search(r"SKIPPED \[2\] .* todoist-not-connected: the owner of API_TOKEN has no account", said), said
    assert "the built-in rules answered: not configured" in said


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "API_URL, API_TOKEN, DATABASE_URL, REDIS_URL"),
        ({"API_URL": "http://127.0.0.1:1", "DATABASE_URL": ""}, "API_TOKEN, DATABASE_URL, REDIS_URL"),
    ],
    ids=["all", "some"],
)
async def test_all_that_is_missing_is_named(given: dict[str, str], missing: str) -> None:
    """And the run ends with 2 before anybody is asked."""
    code, said = await run(given)

    assert (code, f"smoke: not set: {missing}. Nothing was sent." in said) == (2, True), said


async def test_nobody_there_is_a_failure_that_says_where_to_look() -> None:
    """A test per way, none of them silent."""
    nowhere = {
        "API_URL": "http://127.0.0.1:1",
        "API_TOKEN": "t",
        "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    code, said = await run({**nowhere, "SMOKE_ENV": "prod"}, "-k", "ready or database or redis")

    assert code == 1
    for what in ("Look at API_URL, the proxy and the API's container", "DATABASE_URL: no connection", "Look at Redis"):
        assert what in said, said


async def test_it_is_skipped_unless_it_is_asked_for() -> None:
    """Without RUN_STAGING_SMOKE=1 nothing is asked of anybody, whatever is set."""
    code, said = await run({"RUN_STAGING_SMOKE": "", "API_URL": "http://127.0.0.1:1"})

    assert (code, "17 skipped" in said, "opt-in" in said) == (0, True, True), said
