"""Every route, with everything that must not open it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from backend.access import tokens
from backend.access.tokens import NewToken, Scope
from backend.api.guards import OPEN_PATHS
from backend.api.main import create_app
from backend.core import clock
from backend.db.unit_of_work import Database
from backend.tests.integration.world import Rows, bearer, issue_token
from backend.tests.unit.settings import make_environment
from backend.web.guards import get_current_user, verify_twin_ownership

ADA, GRACE = "ada@example.org", "grace@example.org"


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A route, as somebody outside knows it.

    Attributes:
        scopes: What a token must be good for.
        names_twin: Whether the request may name a twin.
    """

    method: str
    path: str
    scopes: frozenset[str]
    names_twin: bool

    def __str__(self) -> str:
        """Return what a test run shows."""
        return f"{self.method} {self.path}"

    @property
    def names_object(self) -> bool:
        """Return whether the path names something that has an owner."""
        return "{" in self.path


def doors(app: FastAPI) -> Iterator[Door]:
    """Return every route that is not open to everybody."""
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        if route.path in OPEN_PATHS or dependant is None:
            continue
        scopes = {scope for each in walk(dependant) for scope in each.own_oauth_scopes or []}
        calls = {each.call for each in walk(dependant)}
        for method in sorted(route.methods or ()):
            yield Door(
                method=method,
                path=str(route.path),
                scopes=frozenset(scopes),
                names_twin=verify_twin_ownership in calls,
            )


def walk(dependant: Dependant) -> Iterator[Dependant]:
    """Return what a route depends on, however far away."""
    yield dependant
    for each in dependant.dependencies:
        yield from walk(each)


DOORS = tuple(doors(create_app(make_environment())))


@pytest.fixture
async def adas(token: str, rows: Rows) -> dict[str, UUID]:
    """Return one thing of Ada's for each name that a path may hold."""
    (twin_id,) = rows.one("SELECT id FROM twins")
    made = {
        "job_id": "INSERT INTO jobs (kind, twin_id, idempotency_key) VALUES ('canary', %s, 'a') RETURNING id",
        "thought_id": "INSERT INTO thoughts (twin_id, text) VALUES (%s, 'a') RETURNING id",
        "task_id": "INSERT INTO tasks (twin_id, title, source) VALUES (%s, 'a', 'capture') RETURNING id",
        "token_id": "SELECT id FROM api_tokens, (SELECT %s::uuid) AS twin",
    }
    return {"twin_id": twin_id, **{name: rows.one(sql, twin_id)[0] for name, sql in made.items()}}


def filled(door: Door, objects: dict[str, UUID]) -> str:
    """Return a path that names these objects; a name that nobody has given an owner is an error here."""
    return door.path.format(**objects)


async def ask(client: httpx.AsyncClient, door: Door, objects: dict[str, UUID], **options: Any) -> httpx.Response:
    """Knock at a door."""
    body: dict[str, Any] = {} if door.method in {"GET", "DELETE"} else {"json": {}}
    return await client.request(door.method, filled(door, objects), **body, **options)


@pytest.mark.parametrize("door", DOORS, ids=str)
class TestEveryDoor:
    """What must not open it does not."""

    def test_has_a_scope(self, door: Door) -> None:
        """A route says what a token must be good for."""
        assert door.scopes
        assert door.scopes <= set(Scope)

    async def test_answers_401_to_whoever_is_nobody(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], token: str, rows: Rows
    ) -> None:
        """No token, garbage, an expired one, a revoked one and a revoked person's are all the same to it."""
        answers = [await ask(client, door, adas), await ask(client, door, adas, headers=bearer("garbage"))]
        for change, undo in (
            ("UPDATE api_tokens SET expires_at = now()", "UPDATE api_tokens SET expires_at = now() + interval '1 day'"),
            ("UPDATE api_tokens SET revoked_at = now()", "UPDATE api_tokens SET revoked_at = NULL"),
            ("UPDATE users SET revoked_at = now()", "UPDATE users SET revoked_at = NULL"),
        ):
            rows.change(change)
            answers.append(await ask(client, door, adas, headers=bearer(token)))
            rows.change(undo)

        assert [each.status_code for each in answers] == [401] * 5
        assert len({each.content for each in answers}) == 1
        assert all(each.headers["www-authenticate"] == "Bearer" for each in answers)

    async def test_answers_403_to_a_token_of_too_small_a_scope(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], database: Database
    ) -> None:
        """A token that is good for everything but this is refused, also for its owner's own things."""
        less = tuple(each for each in Scope if each not in door.scopes)
        answer = await ask(client, door, adas, headers=bearer(await issue(database, ADA, scopes=less)))

        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:problem-type:forbidden"


@pytest.mark.parametrize("door", [each for each in DOORS if each.names_object], ids=str)
class TestSomebodyElsesObject:
    """What belongs to another person is not there."""

    async def test_is_not_found_and_not_told_apart(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], database: Database
    ) -> None:
        """Another tenant's object and one that does not exist answer the same 404."""
        graces = bearer(await issue_token(database, GRACE))
        nothing = {name: uuid4() for name in adas}

        theirs = await ask(client, door, adas, headers=graces)
        missing = await ask(client, door, nothing, headers=graces)

        assert (theirs.status_code, missing.status_code) == (404, 404)
        assert words(theirs, adas) == words(missing, nothing)

    async def test_is_as_it_was(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], database: Database, rows: Rows
    ) -> None:
        """Whoever is refused has changed nothing."""
        graces = bearer(await issue_token(database, GRACE))
        before = everything(rows)

        await ask(client, door, adas, headers=graces)

        assert everything(rows) == before


@pytest.mark.parametrize("door", [each for each in DOORS if each.names_twin], ids=str)
class TestSomebodyElsesTwin:
    """A request may name its sender's twins only."""

    async def test_is_not_found(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], database: Database
    ) -> None:
        """Another person's twin and one that does not exist answer the same 404."""
        graces, nowhere = bearer(await issue_token(database, GRACE)), uuid4()

        theirs = await ask(client, door, adas, headers=graces, params={"twin_id": str(adas["twin_id"])})
        missing = await ask(client, door, adas, headers=graces, params={"twin_id": str(nowhere)})

        assert (theirs.status_code, missing.status_code) == (404, 404)
        assert words(theirs, adas) == words(missing, {"twin_id": nowhere})


@pytest.mark.parametrize("door", [each for each in DOORS if each.names_twin], ids=str)
class TestOnesOwnTwin:
    """A request may name its sender's twins."""

    async def test_answers_as_without_a_name(
        self, client: httpx.AsyncClient, door: Door, adas: dict[str, UUID], token: str
    ) -> None:
        """To name one's only twin is answered with the status of a request that names none."""
        unnamed = await ask(client, door, adas, headers=bearer(token))
        named = await ask(client, door, adas, headers=bearer(token), params={"twin_id": str(adas["twin_id"])})

        assert named.status_code == unnamed.status_code


class TestDoors:
    """What the matrix rests on."""

    def test_every_route_is_looked_at(self) -> None:
        """The list is that of the application, and each route in it asks who is there."""
        app = create_app(make_environment())
        known = {
            str(route.path)
            for route in iter_route_contexts(app.routes)
            if any(each.call is get_current_user for each in walk(getattr(route, "dependant", None) or Dependant()))
        }

        assert known == {door.path for door in DOORS}
        assert len(known) > 5


async def issue(database: Database, email: str, *, scopes: tuple[Scope, ...]) -> str:
    """Keep a token of some scopes, and return it."""
    secret, expires_at = tokens.generate(), clock.now() + timedelta(days=1)
    async with database.unit_of_work() as connection:
        new = NewToken(email=email, name="less", secret=secret, expires_at=expires_at, scopes=scopes)
        await tokens.keep(connection, new)
    return secret


def words(response: httpx.Response, objects: dict[str, UUID]) -> str:
    """Return an answer without the ids that the request named."""
    text = response.text
    for each in objects.values():
        text = text.replace(str(each), "<id>")
    return text


def everything(rows: Rows) -> Any:
    """Return Ada's things as they are."""
    return rows.one(
        "SELECT (SELECT jsonb_agg(to_jsonb(jobs)) FROM jobs), (SELECT jsonb_agg(to_jsonb(thoughts)) FROM thoughts),"
        " (SELECT jsonb_agg(to_jsonb(tasks)) FROM tasks),"
        " (SELECT jsonb_agg(to_jsonb(api_tokens) - 'last_used_at' ORDER BY id) FROM api_tokens)"
    )
