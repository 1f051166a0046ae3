"""What the tests on real servers share: databases, a client, workers, processes."""

import asyncio
import inspect
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from alembic.config import Config
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.access import tokens
from backend.access.tokens import CurrentUser, NewToken
from backend.core import clock
from backend.core.environment import Environment, MigrationEnvironment
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.features.capture.repository import NewThought, insert_with_job
from backend.jobs.records import Kind, NewJob
from backend.worker.main import create_worker
from backend.worker.service import Worker

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "redis://127.0.0.1:1/0"
SECRET_KEY = "k" * 40
# Of whatever a test waits for: reached only when it fails, however busy the machine is.
DEADLINE_S = 120.0
_SHOWN = 4_000
HEAD = read_revisions().head
T = TypeVar("T")


def url_of(server_url: str, database: str) -> str:
    """Return the address of one database of a server."""
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def created_database(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """Give the name of a database that exists until the end."""
    name = f"test_{uuid4().hex}"
    copied = f" TEMPLATE {template}" if template else ""
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}{copied}")
    try:
        yield name
    finally:
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def alembic_config(database_url: str, **settings: Any) -> Config:
    """Return how Alembic migrates one database."""
    config = Config(ROOT / "backend" / "alembic.ini")
    config.attributes["environment"] = MigrationEnvironment(database_url=SecretStr(database_url), **settings)
    return config


def make_environment(database_url: str, **settings: Any) -> Environment:
    """Return settings for a quick test: a lost message costs little.

    A lease is longer than a busy machine forgets a process for; `Rows.lapse` ends it.
    """
    values: dict[str, Any] = {
        "environment": "development",
        "redis_url": SecretStr(os.environ["TEST_REDIS_URL"]),
        "secret_key": SecretStr(SECRET_KEY),
        "queue_name": f"test.{uuid4().hex}",
        "worker_heartbeat_seconds": 0.1,
        "worker_poll_seconds": 0.1,
        "job_lease_seconds": 60.0,
        "worker_grace_seconds": 60.0,
        # A test sends more than a person; who tries the limits sets them.
        "rate_limit_per_minute": 0,
        "rate_limit_per_address_per_minute": 0,
    }
    return Environment(database_url=SecretStr(database_url), **{**values, **settings})


def as_variables(environment: Environment) -> dict[str, str]:
    """Return settings as a process gets them."""
    values = {name: getattr(environment, name) for name in Environment.model_fields}
    return {name.upper(): _as_text(value) for name, value in values.items() if value is not None and value != ()}


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(_as_text(each) for each in value)
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


async def eventually(probe: Callable[[], Awaitable[T]], *, within_s: float = DEADLINE_S) -> T:
    """Return the probe's first true answer, or fail with its last one."""
    deadline_s = clock.monotonic_s() + within_s
    while not (answer := await probe()):
        if clock.monotonic_s() > deadline_s:
            pytest.fail(f"not so within {within_s:g} s, last {answer!r}: {inspect.getsource(probe).strip()}")
        await asyncio.sleep(0.02)
    return answer


async def issue_token(database: Database, email: str = "ada@example.org", *, days: int = 1) -> str:
    """Keep a new token and return it."""
    secret = tokens.generate()
    async with database.unit_of_work() as connection:
        expires_at = clock.now() + timedelta(days=days)
        await tokens.keep(connection, NewToken(email=email, name="test", secret=secret, expires_at=expires_at))
    return secret


async def user_of(database: Database, token: str) -> CurrentUser:
    """Return whose token it is."""
    async with database.statement() as connection:
        user = await tokens.find_user(connection, token)
    assert user is not None
    return user


async def left_thought(database: Database, token: str, text: str = "slow") -> str:
    """Keep a thought as a request does that dies before it looks through it; return its job's id."""
    user, thought = await user_of(database, token), NewThought(id=uuid4(), text=text)
    job = NewJob(
        kind="thought.process",
        twin_id=user.twin_id,
        idempotency_key=f"thought.process:{thought.id}",
        payload={"thought_id": str(thought.id)},
    )
    async with database.statement() as connection:
        kept = await insert_with_job(connection, thought, job=job)
    assert kept is not None
    return str(kept.job_id)


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an application that has started, in this process."""
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(_with_state(app, state or {}), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            yield client


def _with_state(app: FastAPI, state: Mapping[str, Any]) -> ASGIApp:
    # The server hands the lifespan's state to each request; this transport does not.
    async def stateful(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return stateful


def http_client(base_url: str) -> httpx.AsyncClient:
    """Return a client of an API in another process."""
    return httpx.AsyncClient(base_url=base_url, timeout=DEADLINE_S)


async def is_answering(client: httpx.AsyncClient) -> bool:
    """Return whether an API answers at all."""
    try:
        return (await client.get("/health/live")).is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def working(environment: Environment, kinds: Mapping[str, Kind] | None = None) -> AsyncIterator[Worker]:
    """Give a worker that works in this process until the end, on the kinds of this build unless told otherwise."""
    worker = create_worker(environment, kinds)
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await task
        await worker.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A process of the service; what it says goes into a file, so that it never waits for a reader.

    Attributes:
        child: The process.
        log: What it has said.
    """

    child: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Return what it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def process(*arguments: str, variables: Mapping[str, str]) -> Iterator[Started]:
    """Give a Python process of the service; it is gone at the end, and what it said is shown when the test fails."""
    with tempfile.TemporaryDirectory(prefix="process-") as folder, Path(folder, "log").open("wb") as log:
        command, environ = [sys.executable, *arguments], {"PATH": os.environ["PATH"], **variables}
        child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        started = Started(child=child, log=Path(folder, "log"))
        try:
            yield started
        finally:
            child.kill()
            child.wait()
            sys.stderr.write(f"--- {' '.join(arguments)} ended with {child.returncode}:\n{started.said()[-_SHOWN:]}\n")


async def ended(started: Started, *, within_s: float = DEADLINE_S) -> tuple[int, str]:
    """Return the exit code and the output of a process that ends by itself."""
    code = await asyncio.to_thread(started.child.wait, within_s)
    return code, started.said()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Looks at rows from outside of the service."""

    database_url: str

    def one(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Return the only row."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(sql.encode(), values).fetchone()
        assert row is not None
        return row

    def change(self, sql: str, *values: object) -> None:
        """Change rows behind the service's back."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql.encode(), values)

    async def job(self, job_id: UUID | str) -> tuple[str, int, str | None]:
        """Return a job's status, attempts and worker."""
        status, attempts, worker_id = self.one("SELECT status, attempts, worker_id FROM jobs WHERE id = %s", job_id)
        return status, attempts, worker_id

    def lapse(self) -> None:
        """End the leases of all jobs under way, as time does with those of a worker that died."""
        self.change("UPDATE jobs SET due_at = now() WHERE status = 'running'")

    async def is_done(self, job_id: UUID | str) -> bool:
        """Return whether a job is done."""
        return (await self.job(job_id))[0] == "done"

    async def waits_for_lock(self) -> bool:
        """Return whether somebody waits for a lock in this database."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(self.one(sql)[0])

    @asynccontextmanager
    async def locking(self, sql: str) -> AsyncIterator[None]:
        """Hold a lock until the end; whoever holds it now may be a task of this process."""
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            await connection.execute(sql.encode())
            yield

    @contextmanager
    def locked(self, sql: str) -> Iterator[psycopg.Connection]:
        """Hold a lock until the end, or until the connection is closed."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql.encode())
            yield connection
