"""What the smoke suite stands on: where it goes, whether it may, questions with their answers, and what it leaves.

It travels with the release that it judges and needs pytest and the service's own libraries, nothing else.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn, TypeVar

import httpx
import psycopg
import pytest
from pydantic import ValidationError
from redis import Redis, RedisError

from backend.api.schemas import CONTRACTS

NEEDED = ("API_URL", "API_TOKEN", "DATABASE_URL", "REDIS_URL")
# How a person, or a release, says that production is meant.
TOLD = "SMOKE_ENV"
_TOLD_PRODUCTION = frozenset({"prod", "production"})
_DEADLINE_S = 60.0
_POLL_S = 0.1
_CONNECT_S = 10
# A capture may take as long as a provider may think.
_TIMEOUT_S = 60.0
_USAGE = 2
_GATEWAY = (502, 504)
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where the suite goes.

    Attributes:
        api_url: Of the API, without a path.
        api_token: Opens it.
        database_url: The API's own database.
        redis_url: The API's own Redis.
        told: The environment that is meant; empty when nobody said.
    """

    api_url: str
    api_token: str = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    told: str = ""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return where to go; end the run with 2 and every missing name at once.

    Args:
        environ: The variables.
    """
    missing = [name for name in NEEDED if not environ.get(name)]
    if missing:
        give_up(f"not set: {', '.join(missing)}. Nothing was sent. Set them and run the suite again.")
    return Settings(**{name.lower(): environ[name] for name in NEEDED}, told=environ.get(TOLD, ""))


def give_up(why: str) -> NoReturn:
    """End the run with 2: it was asked for in a wrong way.

    Args:
        why: What is wrong, and what to do.
    """
    pytest.exit(f"smoke: {why} See docs/STAGING-DEPLOYMENT.md.", returncode=_USAGE)


def fail(what: str, *, look: str) -> NoReturn:
    """Fail the test.

    Args:
        what: What was done, and what came of it.
        look: Which service to look at, and how.
    """
    pytest.fail(f"smoke: {what}. {look}", pytrace=False)


def client_of(settings: Settings, *, token: str = "") -> httpx.Client:
    """Return a client of the API.

    Args:
        settings: Where it is.
        token: What opens it; empty is nobody.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=settings.api_url, timeout=_TIMEOUT_S, headers=headers)


def refuse_production(settings: Settings, client: httpx.Client) -> None:
    """End the run with 2 when the service is production, or may be, and nobody said that it is meant.

    Args:
        settings: What was said.
        client: Asks the service which environment it is.
    """
    if settings.told in _TOLD_PRODUCTION:
        return
    ready = answer(lambda: client.get("/health/ready"), expected=(200, 503), what="GET /health/ready")
    where = _read(ready).get("environment")
    say = "Nothing but that was asked. If it is meant: RUN_STAGING_SMOKE=1 uv run nox -s staging_smoke -- --env prod."
    if where == "production":
        give_up(f"{settings.api_url} says that it is production. {say}")
    if not isinstance(where, str):
        give_up(f"{settings.api_url} does not say which environment it is, so it may be production. {say}")


def answer(request: Callable[[], httpx.Response], *, expected: int | tuple[int, ...], what: str) -> httpx.Response:
    """Return the response, or fail and say what was asked, what came, and where to look.

    Args:
        request: Asks.
        expected: The statuses that are right.
        what: What is asked, in words.
    """
    response, why = _tried(request, httpx.HTTPError)
    if response is None:
        fail(f"{what}: no answer ({why})", look="Look at API_URL, the proxy and the API's container.")
    if response.status_code in (expected if isinstance(expected, tuple) else (expected,)):
        return response
    came = f"expected {expected}, got {response.status_code}: {response.text[:300]}"
    fail(f"{what}: {came}", look=_where_to_look(response.status_code))


def _tried(act: Callable[[], T], error: type[Exception]) -> tuple[T | None, str]:
    # A failure is told outside of the handler, or pytest would tell of the error first.
    try:
        return act(), ""
    except error as came:
        return None, type(came).__name__


def _where_to_look(status: int) -> str:
    if status in {401, 403}:
        return "Look at API_TOKEN: expired, revoked, of another environment, or without the scope (invoke tokens.list)."
    if status in _GATEWAY:
        return "Look at the proxy and the API's container: nobody answers behind the address."
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return "Look at the API's database and Redis: GET /health/ready says which."
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "Look at RATE_LIMIT_PER_MINUTE, and at who else uses this token."
    return "Look at the API's log."


def contract(response: httpx.Response, name: str) -> Json:
    """Return the answer, or fail if it is not of this contract.

    Args:
        response: The answer.
        name: The contract, with its version.
    """
    said = _read(response)
    what = f"{response.request.method} {response.request.url.path}"
    if said.get("contract") != name:
        fail(f"{what}: not {name}: {response.text[:300]}", look="Look at the API: which version serves?")
    if wrong := _breaches(response.content, name):
        fail(f"{what}: not valid as {name}: {wrong}", look="Look at the API: its answer broke its contract.")
    return said


def _breaches(content: bytes, name: str) -> str:
    try:
        CONTRACTS[name].model_validate_json(content)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
    return ""


def ping(redis_url: str) -> None:
    """Fail unless Redis answers.

    Args:
        redis_url: Where it is.
    """
    with Redis.from_url(redis_url, socket_connect_timeout=_CONNECT_S, socket_timeout=_CONNECT_S) as redis:
        pong, why = _tried(redis.ping, RedisError)
    if not pong:
        fail(f"REDIS_URL: no answer ({why})", look="Look at Redis, its password and the tunnel.")


def _read(response: httpx.Response) -> Json:
    said, _ = _tried(response.json, ValueError)
    if not isinstance(said, dict):
        fail(
            f"{response.request.url.path}: no JSON object: {response.text[:300]}",
            look="Look at API_URL and the proxy: somebody else answers.",
        )
    return said


def poll(read: Callable[[], Json], *, until: Callable[[Json], bool]) -> Json:
    """Return what is read once it is as wanted, or what was read last when that takes too long.

    Args:
        read: Asks the service.
        until: Whether it is as wanted.
    """
    deadline = time.monotonic() + _DEADLINE_S
    while not until(found := read()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found


def wait_until_done(client: httpx.Client, job_id: str) -> Json:
    """Return the job once it is done, or fail with its last state and where to look.

    Args:
        client: The token's.
        job_id: The job.
    """

    def read() -> Json:
        return contract(
            answer(lambda: client.get(f"/v1/jobs/{job_id}"), expected=200, what=f"reading job {job_id}"), "job.v1"
        )

    job = poll(read, until=lambda found: found["status"] in {"done", "failed", "dead", "cancelled"})
    if job["status"] != "done":
        what = f"job {job_id} ({job['kind']}) is {job['status']} after {job['attempts']} attempt(s)"
        fail(f"{what}, error: {job['error']}", look=_who_has_it(job))
    return job


def _who_has_it(job: Json) -> str:
    if job["attempts"]:
        side = "Todoist's (GET /v1/sync/todoist/status)" if job["kind"].startswith("todoist.") else "its provider's"
        return f"A worker has tried: look at the worker's log, and at {side} side."
    return "No worker takes it: look at the worker, its QUEUE_NAME and DATABASE_URL (GET /health/workers), and Redis."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sql:
    """The environment's database.

    Attributes:
        url: Where it is.
    """

    url: str = field(repr=False)

    def connect(self) -> psycopg.Connection:
        """Return a connection, or fail; the caller closes it."""
        connection, why = _tried(lambda: psycopg.connect(self.url, connect_timeout=_CONNECT_S), psycopg.Error)
        if connection is None:
            fail(f"DATABASE_URL: no connection ({why})", look="Look at the database, its password and the tunnel.")
        return connection

    def one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row, None without one.

        Args:
            sql: One statement.
            values: Its parameters.
        """
        with self.connect() as connection:
            return connection.execute(sql.encode(), values).fetchone()


class Captured:
    """What this run has captured; each thing is deleted over the API, and no word of it stays in the database."""

    def __init__(self, client: httpx.Client, marker: str) -> None:
        """Begin with nothing.

        Args:
            client: The token's.
            marker: A word that is in every text of this run, and in no other.
        """
        self.marker = marker
        self._client = client
        self._paths: set[str] = set()

    def capture(self, text: str, *, key: str | None = None) -> httpx.Response:
        """Capture a thought, note it with the tasks that were found in it, and return the answer.

        Args:
            text: The thought; the marker is put before it.
            key: Its idempotency key.
        """
        response = answer(
            partial(
                self._client.post,
                "/v1/capture/thought",
                json={"text": f"{self.marker} {text}"},
                headers={} if key is None else {"Idempotency-Key": key},
            ),
            expected=201,
            what="capturing a thought",
        )
        said = _read(response)
        self._paths.add(f"/v1/thoughts/{said['thought_id']}")
        self._paths |= {f"/v1/tasks/{task['id']}" for task in said.get("tasks", ())}
        return response

    def delete(self) -> None:
        """Delete all of it; what is gone already is gone."""
        while self._paths:
            path = self._paths.pop()
            answer(partial(self._client.delete, path), expected=(204, 404), what=f"DELETE {path}")


def sweep(sql: Sql, marker: str) -> None:
    """Take away what the API keeps of a run; of a task that Todoist must be told of, a row without its words stays.

    Args:
        sql: The database.
        marker: The run's.
    """
    like = f"%{marker}%"
    with sql.connect() as connection:
        # Held, so that no sync writes a command for one of them meanwhile.
        ours = connection.execute(_OURS, (like, like, like)).fetchall()
        ids = [row[0] for row in ours]
        connection.execute("DELETE FROM thoughts WHERE text LIKE %s", (like,))
        for statement in (_DELETE_SETTLED, _DELETE_UNKNOWN_THERE):
            connection.execute(statement, (ids,))
        connection.execute(_SCRUB, (ids,))
        for statement in _DELETE_NAMES:
            connection.execute(statement, (like,))


_OURS = """
SELECT id FROM tasks WHERE title LIKE %s OR notes LIKE %s
  OR thought_id IN (SELECT id FROM thoughts WHERE text LIKE %s) ORDER BY id FOR UPDATE
"""
# One that is under way keeps its words until it is forgotten, as every command is after 30 days.
_DELETE_SETTLED = "DELETE FROM todoist_commands WHERE task_id = ANY(%s) AND state <> 'new'"
_DELETE_UNKNOWN_THERE = """
DELETE FROM tasks WHERE id = ANY(%s)
  AND NOT EXISTS (SELECT FROM todoist_links WHERE task_id = tasks.id)
  AND NOT EXISTS (SELECT FROM todoist_commands WHERE task_id = tasks.id)
"""
# The next sync tells Todoist that they are deleted.
_SCRUB = """
UPDATE tasks SET title = 'Deleted', notes = '', project_id = NULL, status = 'deleted',
  deleted_at = coalesce(deleted_at, now()), revision = revision + 1, updated_at = clock_timestamp()
WHERE id = ANY(%s)
"""
_DELETE_NAMES = (
    "DELETE FROM people WHERE name LIKE %s AND NOT EXISTS (SELECT FROM findings WHERE person_id = people.id)",
    """
    DELETE FROM projects WHERE name LIKE %s
      AND NOT EXISTS (SELECT FROM findings WHERE project_id = projects.id)
      AND NOT EXISTS (SELECT FROM tasks WHERE project_id = projects.id)
    """,
)
