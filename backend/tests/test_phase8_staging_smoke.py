"""Smoke: the main ways through a running environment, API to worker and back.

Opt-in: RUN_STAGING_SMOKE=1 with API_URL, API_TOKEN, DATABASE_URL and REDIS_URL; against production only with
SMOKE_ENV=prod, which `nox -s staging_smoke -- --env prod` sets. Sync and reconcile are last: should a schedule have
brought a task of this suite to Todoist, they take it away again.
"""

import os
import warnings
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from backend.tests import smoke
from backend.tests.smoke import Captured, Json, Settings, Sql, answer, contract, fail, poll, wait_until_done

_LOOK_AT_TODOIST = "Look at the worker's log, TODOIST_API_TOKEN and status.todoist.com."

pytestmark = pytest.mark.skipif(
    os.environ.get("RUN_STAGING_SMOKE") != "1", reason="opt-in: set RUN_STAGING_SMOKE=1 and the environment's addresses"
)
# What changes nothing: all that is asked of a restored copy of production's data.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", pytest.PytestUnknownMarkWarning)  # alone, the suite has no file that tells of it
    _reads = pytest.mark.reads


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Return where the suite goes; end the run with 2 if it may not, or does not know."""
    settings = smoke.read_settings()
    with smoke.client_of(settings) as client:
        smoke.refuse_production(settings, client)
    return settings


@pytest.fixture(scope="module")
def anonymous(settings: Settings) -> Iterator[httpx.Client]:
    """Return a client without a token."""
    with smoke.client_of(settings) as client:
        yield client


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    """Return a client with the token."""
    with smoke.client_of(settings, token=settings.api_token) as client:
        yield client


@pytest.fixture(scope="module")
def sql(settings: Settings) -> Sql:
    """Return the way to the database."""
    return Sql(url=settings.database_url)


@pytest.fixture(scope="module")
def marker(sql: Sql) -> Iterator[str]:
    """Return a word of this run's own; at the end nothing that has it is left, whatever failed."""
    marker = f"smoke{uuid4().hex}"
    yield marker
    smoke.sweep(sql, marker)


@pytest.fixture
def captured(client: httpx.Client, marker: str) -> Iterator[Captured]:
    """Note what is captured; delete it."""
    captured = Captured(client, marker)
    yield captured
    captured.delete()


@_reads
def test_api_is_ready(anonymous: httpx.Client) -> None:
    """The API reaches its database and Redis, and the schema suits it."""
    ready = answer(lambda: anonymous.get("/health/ready"), expected=200, what="GET /health/ready").json()

    assert ready["status"] == "ready", f"smoke: the API is not ready: {ready}"


@_reads
def test_database_is_the_one_of_the_api(anonymous: httpx.Client, sql: Sql) -> None:
    """DATABASE_URL has the schema revision that the API sees."""
    row = sql.one("SELECT version_num FROM alembic_version")

    ready = answer(lambda: anonymous.get("/health/ready"), expected=200, what="GET /health/ready").json()
    assert row == (ready["schema_revision"],), (
        f"smoke: DATABASE_URL has the revision {row}, the API sees {ready['schema_revision']}."
        " Look at the database: is DATABASE_URL the API's own?"
    )


@_reads
def test_redis_answers(settings: Settings) -> None:
    """REDIS_URL answers."""
    smoke.ping(settings.redis_url)


def test_captured_thought_is_kept_and_read_back(client: httpx.Client, captured: Captured, sql: Sql) -> None:
    """A thought is kept word for word and looked through; a repeated request gets the first answer."""
    key = f"smoke {uuid4()}"
    first = captured.capture("is a thought", key=key)
    thought = contract(first, "capture.v1")
    again = captured.capture("is a thought", key=key)
    wait_until_done(client, thought["job_id"])

    path = f"/v1/thoughts/{thought['thought_id']}"
    read = contract(answer(lambda: client.get(path), expected=200, what="reading the thought back"), "thought.v1")
    row = sql.one("SELECT text FROM thoughts WHERE id = %s", thought["thought_id"])
    text = f"{captured.marker} is a thought"
    assert again.content == first.content, f"smoke: a repeated request was answered anew; see the API: {again.text}"
    assert read["text"] == text, "smoke: the thought that was read is not the one that was captured; see the API"
    assert read["processed_at"], "smoke: the job is done, but the thought is not processed; see API and worker"
    assert row == (text,), "smoke: the thought is not in the database: is DATABASE_URL the API's own?"


def test_question_is_answered(client: httpx.Client, captured: Captured) -> None:
    """A question about what was captured has an answer that cites it."""
    thought = contract(captured.capture("is in the shed"), "capture.v1")

    said = ask(client, f"Where is {captured.marker}?")

    assert said["answer"].strip(), f"smoke: an empty answer; see the API and its provider: {said}"
    cited = {each["id"] for each in said["citations"]}
    assert said["source"] == "provider" or thought["thought_id"] in cited, (
        f"smoke: the search did not find it; see the API and its database: {said}"
    )


def test_provider_answers(client: httpx.Client) -> None:
    """The language model answers; where it does not, the built-in rules do, and this says why."""
    said = ask(client, "What is up today?")

    if said["source"] != "provider":
        pytest.skip(
            f"the built-in rules answered: {said['reason']}. Look at the provider and XAI_API_KEY, if it has one"
        )
    assert said["mode"] == "provider", f"smoke: a provider's answer is called {said['mode']}; see the API"


def ask(client: httpx.Client, question: str) -> Json:
    """Ask, and return the answer."""
    asked = answer(lambda: client.post("/v1/query/ask", json={"question": question}), expected=200, what="asking")
    return contract(asked, "query.v1")


def test_day_is_planned(client: httpx.Client) -> None:
    """A refresh is done by a worker, and today has a plan before and after it."""
    before = answer(lambda: client.get("/v1/plan/get_today"), expected=200, what="reading today's plan")
    contract(before, "plan.v1")
    queued = answer(lambda: client.post("/v1/plan/refresh"), expected=202, what="asking for a new plan")
    job = contract(queued, "plan-refresh.v1")

    wait_until_done(client, job["job_id"])

    after = answer(lambda: client.get("/v1/plan/get_today"), expected=200, what="reading today's new plan")
    plan = contract(after, "plan.v1")
    assert plan["reason"] != "no plan yet", f"smoke: the worker's plan is not shown; see API and worker: {plan}"


@_reads
@pytest.mark.parametrize("path", ["/v1/thoughts", "/v1/tasks", "/v1/jobs", "/v1/plan/get_today", "/v1/me"])
def test_what_is_stored_is_read(client: httpx.Client, path: str) -> None:
    """The lists that a person opens first answer, however much is in them."""
    answer(lambda: client.get(path), expected=200, what=f"GET {path}")


@_reads
def test_unknown_thought_is_not_found(client: httpx.Client) -> None:
    """A thought that does not exist answers 404."""
    answer(lambda: client.get(f"/v1/thoughts/{uuid4()}"), expected=404, what="reading a thought that does not exist")


@_reads
def test_request_without_token_is_refused(anonymous: httpx.Client) -> None:
    """Nothing is captured without a token."""
    answer(
        lambda: anonymous.post("/v1/capture/thought", json={"text": "smoke"}),
        expected=401,
        what="capturing without a token",
    )


def test_canary_is_done_by_a_worker(client: httpx.Client) -> None:
    """A job without side effects goes through API, queue, worker and database."""
    job_id = answer(lambda: client.post("/v1/jobs/canary"), expected=202, what="queueing a canary").json()["job_id"]

    job = wait_until_done(client, job_id)

    assert job["result"], f"smoke: the canary does not say who has done it; see the worker: {job}"


def todoist_status(client: httpx.Client) -> Json:
    """Return how both sides stand."""
    status = answer(lambda: client.get("/v1/sync/todoist/status"), expected=200, what="reading Todoist's status")
    return contract(status, "todoist-status.v1")


def run_todoist(client: httpx.Client, path: str, *, run: str) -> None:
    """Queue a run, wait for it, and find it in the status; skip, and say so, where there is no account."""
    if todoist_status(client)["state"] == "not_connected":
        refused = answer(lambda: client.post(path), expected=409, what=f"POST {path} without an account").json()
        assert refused["type"].endswith(":todoist-not-connected"), f"smoke: refused for another reason: {refused}"
        pytest.skip(
            "todoist-not-connected: the owner of API_TOKEN has no account; TODOIST_API_TOKEN, TODOIST_OWNER_EMAIL"
        )
    queued = answer(lambda: client.post(path), expected=202, what=f"POST {path}").json()
    wait_until_done(client, queued["job_id"])
    # A run of somebody else may have begun since: how that ends tells as much.
    status = poll(lambda: todoist_status(client), until=lambda found: (found[run] or {}).get("state") != "running")
    last = status[run]
    if last is None or last["state"] != "done" or status["last_success_at"] is None:
        why = "the status knows no run" if last is None else f"it ended as {last['state']}: {last['error']}"
        fail(f"{path}: its job is done, but {why}; {status['errors']}", look=_LOOK_AT_TODOIST)


def test_todoist_is_synced(client: httpx.Client) -> None:
    """A sync goes through the worker to Todoist, and the status tells of it."""
    run_todoist(client, "/v1/sync/todoist", run="last_sync")


def test_todoist_is_reconciled(client: httpx.Client) -> None:
    """Both sides are compared completely, and the status tells of it."""
    run_todoist(client, "/v1/sync/todoist/reconcile", run="last_reconcile")
