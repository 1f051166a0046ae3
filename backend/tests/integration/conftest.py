"""Fixtures: a database per test, copied from one that the migrations made."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import suppress

import httpx
import psycopg
import pytest
from alembic import command
from fastapi import FastAPI
from redis.asyncio import Redis

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.tests.integration import xai as xai_world
from backend.tests.integration.world import (
    Rows,
    alembic_config,
    created_database,
    issue_token,
    make_environment,
    serving,
    url_of,
)

# How long this process waits where a person would not: no rule of a test is about how busy the machine is.
_PATIENCE_S = 60.0
_PATIENT = (
    "backend.api.health._TIMEOUT_S",
    "backend.db.engine.CONNECT_TIMEOUT_S",
    "backend.db.engine.POOL_TIMEOUT_S",
    "backend.features.telegram.routes._NAME_TIMEOUT_S",
    "backend.jobs.transport._ANSWER_TIMEOUT_S",
    "backend.jobs.transport._CONNECT_TIMEOUT_S",
    "backend.providers.llm.ledger._WRITE_S",
    "backend.worker.service.LAST_BEAT_S",
)
# What a failed test shows of its database.
_LAST_SEEN = {
    "jobs": "kind, status, attempts, worker_id, due_at - now() AS due_in, error, progress",
    "job_logs": "id, at, job_id, attempt, event, worker_id",
    "worker_heartbeats": "id, state, now() - beat_at AS age",
    "todoist_runs": "kind, state, started_at, error",
    "telegram_messages": "state, attempts, send_after",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the test's database held."""
    report = yield
    url = getattr(item, "funcargs", {}).get("database_url")
    if call.when == "call" and report.failed and url is not None:
        report.sections.append(("database", _seen(url)))
    return report


def _seen(url: str) -> str:
    lines: list[str] = []
    for table, columns in _LAST_SEEN.items():
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1 LIMIT 40".encode())  # noqa: S608
            lines += [f"{table}: {row}" for row in found]
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a busy machine."""
    for name in _PATIENT:
        monkeypatch.setattr(name, _PATIENCE_S)


@pytest.fixture(scope="session")
def server_url() -> str:
    """Return the address of the test server, as its superuser."""
    return os.environ["TEST_DATABASE_URL"]


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """Return the name of a migrated database that is only copied."""
    with created_database(server_url) as name:
        command.upgrade(alembic_config(url_of(server_url, name)), "head")
        yield name


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """Return the address of a migrated database of this test's own."""
    with created_database(server_url, template=template) as name:
        yield url_of(server_url, name)


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """Return the address of an empty database of this test's own."""
    with created_database(server_url) as name:
        yield url_of(server_url, name)


@pytest.fixture
def rows(database_url: str) -> Rows:
    """Look at the test's database from outside."""
    return Rows(database_url=database_url)


@pytest.fixture
async def environment(database_url: str) -> AsyncIterator[Environment]:
    """Return settings for this test's database and a queue of its own."""
    environment = make_environment(database_url)
    yield environment
    async with Redis.from_url(environment.redis_url.get_secret_value()) as redis:
        await redis.delete(environment.queue_name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return the way to the test's database."""
    database = Database(create_engine(database_url, pool_size=10, application_name="test"))
    yield database
    await database.close()


@pytest.fixture
def app(environment: Environment) -> FastAPI:
    """Return the application of this test."""
    return create_app(environment)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the application, which has started."""
    async with serving(app) as client:
        yield client


@pytest.fixture
async def token(database: Database) -> str:
    """Return Ada's token."""
    return await issue_token(database)


@pytest.fixture
async def xai(xai_url: str) -> AsyncIterator[xai_world.Xai]:
    """Return the xAI stand-in and who asks it."""
    async with xai_world.asking(xai_url) as xai:
        yield xai
