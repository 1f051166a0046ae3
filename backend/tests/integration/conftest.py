"""Fixtures: a database per test, copied from one that the migrations made."""

import os
from collections.abc import AsyncIterator, Iterator

import httpx
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
