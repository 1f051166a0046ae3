"""Whatever an adapter does, the API answers by contract, and only what the built-in rules found is written.

Each case uses an endpoint with a misbehaving adapter, and compares the answer and the whole database with what the same
endpoint answers and writes when its adapter does nothing but give up.
"""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import jsonschema
import psycopg
import pytest
from alembic import command
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from redis.asyncio import Redis

from backend.api.main import create_app
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.features.plan import jobs as plan_jobs
from backend.features.plan.service import Planning
from backend.jobs.runner import Limits, Runner
from backend.providers.llm.assistant import Assistant
from backend.providers.llm.errors import ProviderError
from backend.providers.llm.protocol import Adapter
from backend.tests import drift
from backend.tests.asked import PASSAGE_IDS, TASK_IDS, AdapterOf, raising, returning
from backend.tests.drift import Misbehaviour
from backend.tests.integration.assistants import assist
from backend.tests.integration.test_jobs import WORKER
from backend.tests.integration.world import (
    ROOT,
    alembic_config,
    bearer,
    created_database,
    issue_token,
    make_environment,
    serving,
    url_of,
    user_of,
)
from backend.tests.malformed import Recipe, malformed, valid_answer, valid_extraction, valid_plan

pytestmark = pytest.mark.contracts
GENERATED = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# The service's own measurements, and what says who may ask.
NOT_COMPARED = ("alembic_version", "api_tokens", "provider_calls", "worker_heartbeats")
VOLATILE_TYPES = ("uuid", "timestamp with time zone", "bytea", "bigint")
# They hold ids that are new each time.
VOLATILE_COLUMNS = ("payload", "result", "idempotency_key", "answer")
VOLATILE_FIELDS = frozenset({"id", "thought_id", "job_id", "created_at", "generated_at", "status_url"})
THOUGHT = "Call Ada about the engine next Friday at 15:00\n- buy milk tomorrow\n- idea: a machine that plans #work"
Shown = list[tuple[str, Any]]


@cache
def validator(contract: str) -> jsonschema.Draft202012Validator:
    """Return what checks answers against a published contract."""
    schema = json.loads((ROOT / "docs" / "reference" / "contracts" / f"{contract}.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def stable(value: object) -> object:
    """Return an answer without what is new each time."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in VOLATILE_FIELDS}
    return [stable(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """One application on one database.

    Attributes:
        app: The application, which has started.
        client: Asks it.
        headers: Of its only user.
        rows: A connection that sees what is committed.
        database: What a worker would have.
        twin_id: The user's.
        look: Reads every row, without what is new each time.
        known: What was answered and written before, by reason.
    """

    app: FastAPI
    client: httpx.AsyncClient
    headers: Mapping[str, str]
    rows: psycopg.Connection[Any]
    database: Database
    twin_id: UUID
    look: str
    known: dict[str, tuple[Shown, object]] = field(default_factory=dict)

    async def send(self, method: str, path: str, *, contract: str, **options: Any) -> tuple[str, Any]:
        """Return an answer, which must be a success in the form of its contract."""
        response = await self.client.request(method, path, headers=dict(self.headers), **options)
        assert response.is_success, f"{method} {path} answered {response.status_code}: {response.text}"
        answer = response.json()
        validator(contract).validate(answer)
        return contract, answer

    def seen(self) -> object:
        """Return every row of the database, without what is new each time."""
        row = self.rows.execute(self.look.encode()).fetchone()
        assert row is not None
        return row[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """What is asked of an adapter by way of the API.

    Attributes:
        valid: A payload that is right.
        before: Statements that make what is there before; `{twin}` is its twin.
        written: Tables to be emptied after a use.
        use: Asks the API, and works off what it has queued.
    """

    valid: dict[str, Any]
    before: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    use: Callable[[World, Assistant], Awaitable[Shown]]


async def capture(world: World, _assistant: Assistant) -> Shown:
    """Keep a thought."""
    return [await world.send("POST", "/v1/capture/thought", contract="capture.v1", json={"text": THOUGHT})]


async def ask(world: World, _assistant: Assistant) -> Shown:
    """Ask a question."""
    question = {"question": "When do I call Ada about the engine?"}
    return [await world.send("POST", "/v1/query/ask", contract="query.v1", json=question)]


async def plan(world: World, assistant: Assistant) -> Shown:
    """Refresh the plan as a worker does, and look at today."""
    queued = await world.send("POST", "/v1/plan/refresh", contract="plan-refresh.v1")
    kinds = plan_jobs.kinds(Planning(database=world.database, assistant=assistant))
    limits = Limits(concurrency=1, lease=timedelta(seconds=60))
    runner = Runner(database=world.database, kinds=kinds, worker=WORKER, limits=limits)
    await runner.sweep()
    await runner.drain(timedelta(seconds=30))
    return [queued, await world.send("GET", "/v1/plan/get_today", contract="plan.v1")]


async def plan_at_once(world: World, assistant: Assistant) -> Shown:
    """Do the same without the queue, which takes most of the time."""
    queued = await world.send("POST", "/v1/plan/refresh", contract="plan-refresh.v1")
    day = date.fromisoformat(queued[1]["day"])
    async with world.database.unit_of_work() as connection:
        await Planning(database=world.database, assistant=assistant).refresh(connection, world.twin_id, day=day)
    return [queued, await world.send("GET", "/v1/plan/get_today", contract="plan.v1")]


ENDPOINTS: dict[str, Endpoint] = {
    "extract_structured_updates": Endpoint(
        valid=valid_extraction(),
        written=("findings", "tasks", "people", "projects", "thoughts", "job_logs", "jobs"),
        use=capture,
    ),
    "rewrite_plan": Endpoint(
        valid=valid_plan(TASK_IDS),
        before=tuple(
            f"INSERT INTO tasks (id, twin_id, title, source, due_on)"  # noqa: S608 -- our own words
            f" VALUES ('{each}', '{{twin}}', 'Call Ada', 'manual', current_date)"
            for each in TASK_IDS
        ),
        written=("plans", "job_logs", "jobs"),
        use=plan,
    ),
    "answer_query": Endpoint(
        valid=valid_answer(PASSAGE_IDS),
        before=tuple(
            f"INSERT INTO thoughts (id, twin_id, text)"  # noqa: S608
            f" VALUES ('{each}', '{{twin}}', 'I call Ada about the engine on Friday.')"
            for each in PASSAGE_IDS
        ),
        use=ask,
    ),
}


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """Return the address of one migrated database for all cases."""
    server_url = os.environ["TEST_DATABASE_URL"]
    with created_database(server_url) as name:
        command.upgrade(alembic_config(url_of(server_url, name)), "head")
        yield url_of(server_url, name)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Return one application for all cases of a test."""
    environment = make_environment(database_url)
    database = Database(create_engine(database_url, pool_size=3, application_name="test"))
    app = create_app(environment)
    with closing(psycopg.connect(database_url, autocommit=True)) as rows:
        token = await issue_token(database)
        twin_id, look = (await user_of(database, token)).twin_id, look_of(rows)
        async with serving(app) as client:
            yield World(
                app=app,
                client=client,
                headers=bearer(token),
                rows=rows,
                database=database,
                twin_id=twin_id,
                look=look,
            )
        rows.execute("TRUNCATE users, twins, jobs, job_logs CASCADE")
    await database.close()
    async with Redis.from_url(environment.redis_url.get_secret_value()) as redis:
        await redis.delete(environment.queue_name)


def look_of(rows: psycopg.Connection[Any]) -> str:
    """Return a statement that reads every row of every table, without what is new each time."""
    tables = rows.execute(
        "SELECT t.table_name, array_agg(c.column_name::text) FILTER ("
        "  WHERE c.data_type = ANY(%s) OR c.column_name = ANY(%s))"
        " FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND t.table_name <> ALL(%s) GROUP BY 1",
        (list(VOLATILE_TYPES), list(VOLATILE_COLUMNS), list(NOT_COMPARED)),
    ).fetchall()
    assert {"thoughts", "tasks", "plans", "findings", "jobs"} <= {name for name, _ in tables}
    parts = [
        f"'{name}', (SELECT jsonb_agg(j ORDER BY j) FROM (SELECT to_jsonb(t) - '{{{','.join(volatile)}}}'::text[] AS j"  # noqa: S608
        f" FROM {name} t) AS x)"
        for name, volatile in tables
    ]
    return f"SELECT jsonb_build_object({', '.join(parts)})"


def prepare(world: World, endpoint: Endpoint) -> None:
    """Make what an endpoint needs before it is used."""
    for each in endpoint.before:
        world.rows.execute(each.format(twin=world.twin_id).encode())


async def used(
    world: World, endpoint: Endpoint, adapter: Adapter, *, deadline_s: float = 60.0
) -> tuple[Shown, object, str | None]:
    """Return what an endpoint answers and leaves behind, and who answered; then all is as before."""
    shown = await endpoint.use(world, assist(world.app, adapter, deadline_s=deadline_s))
    seen = world.seen()
    if endpoint.written:
        world.rows.execute("; ".join(f"DELETE FROM {each}" for each in endpoint.written).encode())  # noqa: S608
    source = shown[-1][1]["source"]
    return [(contract, stable(answer)) for contract, answer in shown], seen, source


async def assert_by_rules(
    world: World, endpoint: Endpoint, adapter: Adapter, *, reason: str, deadline_s: float = 60.0
) -> None:
    """Demand that nothing but the rules' answer is shown and written."""
    if reason not in world.known:
        giving_up = raising(ProviderError(reason))  # type: ignore[arg-type]  # one of the reasons
        world.known[reason] = (await used(world, endpoint, giving_up))[:2]

    shown, seen, source = await used(world, endpoint, adapter, deadline_s=deadline_s)

    assert source == "fallback"
    assert shown[-1][1]["reason"] == reason
    assert shown == world.known[reason][0]
    assert seen == world.known[reason][1]


def misbehaving(misbehaviour: Misbehaviour, endpoint: Endpoint) -> Adapter:
    """Return an adapter that misbehaves in one way."""

    async def act() -> object:
        return await misbehaviour.act(endpoint.valid)

    return AdapterOf(act)


@pytest.mark.parametrize("operation", ENDPOINTS)
class TestKnownDrift:
    """What providers have sent instead of what they promised, by name."""

    async def test_a_valid_payload_is_used(self, world: World, operation: str) -> None:
        """Nothing else would show that the others are refused for what is wrong with them."""
        endpoint = ENDPOINTS[operation]
        prepare(world, endpoint)

        _, by_rules, _ = await used(world, endpoint, raising(ProviderError("refused")))
        shown, seen, source = await used(world, endpoint, returning(endpoint.valid))

        assert source == "provider"
        assert shown[-1][1]["reason"] is None
        assert (seen == by_rules) == (not endpoint.written)

    async def test_payloads(self, world: World, operation: str, subtests: pytest.Subtests) -> None:
        """None of them is used, nor any part of one."""
        endpoint = ENDPOINTS[operation]
        prepare(world, endpoint)

        for name, change in drift.PAYLOADS[operation].items():
            with subtests.test(name):
                adapter = returning(change(endpoint.valid))
                await assert_by_rules(world, endpoint, adapter, reason="invalid payload")

    async def test_behaviours(self, world: World, operation: str, subtests: pytest.Subtests) -> None:
        """None of them is an error of ours, and none is waited for."""
        endpoint = ENDPOINTS[operation]
        prepare(world, endpoint)

        for name, behaviour in drift.BEHAVIOURS.items():
            with subtests.test(name):
                adapter = misbehaving(behaviour, endpoint)
                await assert_by_rules(
                    world, endpoint, adapter, reason=behaviour.reason, deadline_s=behaviour.deadline_s
                )


class TestGeneratedPayloads:
    """Two thousand for each operation under `nox -s contracts`; more with `-- --hypothesis-profile=large`."""

    @GENERATED
    @given(recipe=malformed(ENDPOINTS["extract_structured_updates"].valid))
    async def test_of_extract_structured_updates(self, world: World, recipe: Recipe) -> None:
        """`POST /v1/capture/thought`."""
        await self.check(world, ENDPOINTS["extract_structured_updates"], recipe)

    @GENERATED
    @given(recipe=malformed(ENDPOINTS["rewrite_plan"].valid))
    async def test_of_rewrite_plan(self, world: World, recipe: Recipe) -> None:
        """`POST /v1/plan/refresh`, then `GET /v1/plan/get_today`."""
        await self.check(world, replace(ENDPOINTS["rewrite_plan"], use=plan_at_once), recipe)

    @GENERATED
    @given(recipe=malformed(ENDPOINTS["answer_query"].valid))
    async def test_of_answer_query(self, world: World, recipe: Recipe) -> None:
        """`POST /v1/query/ask`."""
        await self.check(world, ENDPOINTS["answer_query"], recipe)

    async def check(self, world: World, endpoint: Endpoint, recipe: Recipe) -> None:
        """Demand the rules' answer for one payload."""
        if not world.known:
            prepare(world, endpoint)
        await assert_by_rules(world, endpoint, returning(recipe.make()), reason="invalid payload")
