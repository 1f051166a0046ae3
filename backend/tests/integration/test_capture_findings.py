"""What is found in a thought is written as a whole, once, whoever looks through it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests.integration.assistants import NOTHING, Scripted, assist
from backend.tests.integration.world import Rows, bearer, eventually, issue_token, working

CAPTURE = "/v1/capture/thought"
COUNTS = (
    "SELECT (SELECT count(*) FROM thoughts), (SELECT count(*) FROM tasks), (SELECT count(*) FROM projects),"
    " (SELECT count(*) FROM people), (SELECT count(*) FROM findings)"
)
FRIDAY = date(2026, 11, 27)
AT = datetime(2026, 11, 27, 23, 30, tzinfo=timezone(timedelta(hours=-8)))
FOUND = {
    "tasks": [
        {"title": "Call Anna", "due_on": FRIDAY, "priority": 1, "project": "the  garden", "labels": ["phone", "Phone"]},
        {"title": "call anna ", "due_on": FRIDAY, "notes": "said twice"},
        {"title": "Order soil", "due_at": AT, "estimate_minutes": 30, "recurrence": "every friday"},
    ],
    "projects": ["Kitchen"],
    "people": ["Anna", "ANNA", "Bob"],
    "ideas": ["A pond"],
    "problems": ["Slugs"],
    "dates": [{"label": "Fair", "on_day": FRIDAY + timedelta(days=1), "at": AT}],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """A database that can be taken away."""

    rows: Rows
    environment: Environment
    server_url: str

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Let nobody find it until the end."""
        (name,) = self.rows.one("SELECT current_database()")
        with psycopg.connect(self.server_url, autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
            server.execute(f"ALTER DATABASE {name} RENAME TO {name}_gone".encode())
            try:
                yield
            finally:
                server.execute(f"ALTER DATABASE {name}_gone RENAME TO {name}".encode())


@pytest.fixture
def gone(rows: Rows, environment: Environment, server_url: str) -> Gone:
    """Return the test's database, to be taken away."""
    return Gone(rows=rows, environment=environment, server_url=server_url)


async def capture(client: httpx.AsyncClient, token: str, text: str = "x", *, key: str | None = None) -> httpx.Response:
    """Capture a thought."""
    named = {} if key is None else {"Idempotency-Key": key}
    return await client.post(CAPTURE, json={"text": text}, headers={**bearer(token), **named})


class TestFindings:
    """What capture.v1 says was found is what is kept."""

    async def test_all_of_it_is_kept_and_told(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """Each thing once, in the order in which it was said, names as they are known, days in the owner's zone."""
        rows.change("UPDATE users SET timezone = 'Asia/Tokyo'")
        rows.change("INSERT INTO projects (twin_id, name, key) SELECT id, 'The Garden', 'the garden' FROM twins")
        provider = Scripted(extracted=FOUND)
        assist(app, provider)

        answer = (await capture(client, token, "much")).json()
        thought = (await client.get(f"/v1/thoughts/{answer['thought_id']}", headers=bearer(token))).json()

        first, second = answer["tasks"]
        assert (answer["source"], answer["reason"]) == ("provider", None)
        assert (first["title"], first["priority"], first["project"]) == ("Call Anna", 1, "The Garden")
        assert (first["due_on"], first["due_at"], first["labels"]) == ("2026-11-27", None, ["phone"])
        assert (second["priority"], second["due_on"], second["due_at"]) == (4, "2026-11-28", "2026-11-28T07:30:00Z")
        assert (second["estimate_minutes"], second["recurrence"]) == (30, "every friday")
        assert answer["projects"] == ["Kitchen", "The Garden"]
        assert (answer["people"], answer["ideas"], answer["problems"]) == (["Anna", "Bob"], ["A pond"], ["Slugs"])
        assert answer["dates"] == [{"label": "Fair", "on_day": "2026-11-28", "at": "2026-11-28T07:30:00Z"}]
        assert {name: thought[name] for name in NOTHING} == {name: answer[name] for name in NOTHING}
        (asked,) = provider.asked
        assert (asked.timezone, asked.projects, asked.people) == ("Asia/Tokyo", ("The Garden",), ())

    async def test_a_name_is_kept_once(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows, database: Database
    ) -> None:
        """Thoughts that name the same at once share one row; another twin has its own."""
        assist(app, Scripted(extracted=FOUND))
        other = await issue_token(database, "bob@example.org")

        await asyncio.gather(*(capture(client, who) for who in (token, token, token, other)))

        assert rows.one(COUNTS) == (4, 8, 4, 4, 28)

    @pytest.mark.parametrize(
        "at",
        [
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        ],
        ids=["first", "last"],
    )
    async def test_the_edges_of_the_calendar(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, at: datetime
    ) -> None:
        """A moment that no zone can show is no moment, and who says it is not believed."""
        assist(app, Scripted(extracted={**NOTHING, "tasks": [{"title": "Wait", "due_at": at}]}))

        answer = (await capture(client, token)).json()

        assert (answer["source"], answer["reason"]) == ("fallback", "invalid payload")
        assert not any(task["title"] == "Wait" for task in answer["tasks"])

    @pytest.mark.parametrize("title", ["a\ud800b", "a\0b", "", " ", "x" * 501], ids=ascii)
    async def test_what_cannot_be_kept_is_not_used(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, title: str
    ) -> None:
        """A text that the database cannot hold never comes as far."""
        assist(app, Scripted(extracted={**FOUND, "ideas": [title]}))

        answer = (await capture(client, token)).json()

        assert (answer["source"], answer["reason"], answer["title"]) == ("fallback", "invalid payload", "x")

    @pytest.mark.parametrize("name", ["ﷺ" * 200, "Ω" * 200, "'; --", '{"a"}', "\\u0000"])
    async def test_any_name_fits(self, app: FastAPI, client: httpx.AsyncClient, token: str, name: str) -> None:
        """No name is too long for the index, and none is more than a name."""
        task = {"title": name, "project": name, "labels": [name]}
        assist(app, Scripted(extracted={**NOTHING, "people": [name], "tasks": [task]}))

        answer = (await capture(client, token)).json()

        assert (answer["source"], answer["people"], answer["projects"]) == ("provider", [name], [name])
        assert answer["tasks"][0]["labels"] == [name]

    async def test_costs_three_round_trips(self, client: httpx.AsyncClient, token: str) -> None:
        """Who sends it, the thought with its job, all that was found: a statement each, and no transaction round it."""
        statements: list[str] = []
        await capture(client, token)

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            await capture(client, token)
        finally:
            event.remove(Engine, "before_cursor_execute", note)

        assert len(statements) == 3


class TestLeftUndone:
    """A request that comes to no end; the thought is kept all the same."""

    async def test_all_or_nothing(self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """What cannot be written as a whole is not written; the answer is valid, and the job waits."""
        assist(app, Scripted(extracted=FOUND))
        rows.change("ALTER TABLE findings ADD CONSTRAINT no_slugs CHECK (text <> 'Slugs')")

        response = await capture(client, token)

        answer = response.json()
        assert (response.status_code, answer["source"], answer["reason"]) == (201, "fallback", "not processed yet")
        assert (answer["title"], answer["tasks"]) == (None, [])
        assert rows.one(COUNTS) == (1, 0, 0, 0, 0)
        assert (await rows.job(answer["job_id"]))[0] == "queued"

    async def test_cancelled_request_is_finished_by_its_job(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """Nothing is lost of a request whose sender has gone, and nothing is done twice."""
        provider = Scripted(extracted=FOUND)
        provider.door.clear()
        assist(app, provider)

        async def is_asked() -> bool:
            return bool(provider.asked)

        request = asyncio.create_task(capture(client, token, key="k"))
        await eventually(is_asked)
        request.cancel()
        await asyncio.wait([request])
        rows.change("UPDATE jobs SET due_at = now()")
        (job_id,) = rows.one("SELECT id FROM jobs")
        async with working(environment):
            await eventually(lambda: rows.is_done(job_id))
        provider.door.set()
        again = await capture(client, token, key="k")

        assert rows.one(COUNTS)[0] == 1
        assert (again.status_code, again.json()["title"], again.json()["job_id"]) == (201, "x", str(job_id))
        assert len(provider.asked) == 1

    @pytest.mark.parametrize(("key", "status"), [(None, 201), ("k", 503)], ids=["without key", "with key"])
    async def test_database_that_goes_away(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, gone: Gone, *, key: str | None, status: int
    ) -> None:
        """The thought is kept, and its job does the rest; who has a key may ask again, and gets the first answer."""
        provider = Scripted(extracted=FOUND)
        provider.door.clear()
        assist(app, provider)
        request = asyncio.create_task(capture(client, token, key=key))
        await eventually(lambda: _is_kept(gone.rows))
        with gone():
            provider.door.set()
            answer = await request
        (job_id,) = gone.rows.one("UPDATE jobs SET due_at = now() RETURNING id")
        async with working(gone.environment):
            await eventually(lambda: gone.rows.is_done(job_id))

        assert answer.status_code == status
        assert gone.rows.one("SELECT count(*), min(title) FROM thoughts") == (1, "x")
        if key is not None:
            assert (await capture(client, token, key=key)).json()["title"] == "x"

    async def test_job_does_not_race_with_its_request(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """The job may be started when the request can no longer be under way."""
        await capture(client, token)

        (seconds,) = rows.one("SELECT extract(epoch FROM run_at - created_at)::float FROM jobs")
        assert seconds > 8

    async def test_job_and_request_at_once_write_once(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """Whoever is second writes nothing, and answers with what the first has written."""
        provider = Scripted(extracted=FOUND)
        provider.door.clear()
        assist(app, provider)
        request = asyncio.create_task(capture(client, token))
        await eventually(lambda: _is_kept(rows))
        rows.change("UPDATE jobs SET due_at = now()")
        (job_id,) = rows.one("SELECT id FROM jobs")
        async with working(environment):
            await eventually(lambda: rows.is_done(job_id))
        provider.door.set()

        answer = (await request).json()

        assert (answer["source"], answer["title"], answer["tasks"]) == ("fallback", "x", [])
        assert rows.one(COUNTS) == (1, 0, 0, 0, 0)

    async def test_thought_that_is_deleted_meanwhile(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """Nothing is written of it, and the answer is valid."""
        provider = Scripted(extracted=FOUND)
        provider.door.clear()
        assist(app, provider)
        request = asyncio.create_task(capture(client, token))
        await eventually(lambda: _is_kept(rows))
        rows.change("DELETE FROM thoughts")
        provider.door.set()

        assert (await request).status_code == 201
        assert rows.one(COUNTS) == (0, 0, 0, 0, 0)


class TestIdempotencyKey:
    """A repeated request gets the first answer."""

    async def test_fifty_at_once(self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """One thought, one job, one question to the provider, and fifty times the same bytes."""
        provider = Scripted(extracted=FOUND)
        assist(app, provider)

        answers = await asyncio.gather(*(capture(client, token, key="once") for _ in range(50)))

        assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
        assert rows.one(COUNTS) == (1, 2, 2, 2, 7)
        assert rows.one("SELECT count(*) FROM jobs") == (1,)
        assert len(provider.asked) == 1

    async def test_the_first_answer_stays(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """It is what was said then, whatever has changed since."""
        first = await capture(client, token, key="once")
        rows.change("UPDATE thoughts SET title = 'another'")

        assert (await capture(client, token, key="once")).content == first.content

    async def test_another_text_is_refused(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """A key names one request."""
        await capture(client, token, "one", key="once")

        answer = await capture(client, token, "two", key="once")

        assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:idempotency-key-reused")
        assert rows.one(COUNTS)[0] == 1

    async def test_keys_are_a_twins_own(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """Nobody learns of another's keys."""
        other = await issue_token(database, "bob@example.org")

        mine, others = await capture(client, token, "one", key="k"), await capture(client, other, "two", key="k")

        assert mine.json()["thought_id"] != others.json()["thought_id"]

    @pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "ünïcode"])
    async def test_refuses_what_is_no_key(self, client: httpx.AsyncClient, token: str, rows: Rows, key: str) -> None:
        """One to two hundred printable characters."""
        headers = {b"Idempotency-Key": key.encode(), b"Authorization": f"Bearer {token}".encode()}

        answer = await client.post(CAPTURE, json={"text": "x"}, headers=headers)

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
        assert rows.one(COUNTS)[0] == 0

    async def test_what_cannot_be_processed_is_answered_once(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """That nothing was found yet is an answer too, and stays the first one."""
        assist(app, Scripted(extracted=FOUND))
        rows.change("ALTER TABLE findings ADD CONSTRAINT no_slugs CHECK (text <> 'Slugs')")
        first = await capture(client, token, key="once")
        rows.change("ALTER TABLE findings DROP CONSTRAINT no_slugs")

        again = await capture(client, token, key="once")

        assert (first.status_code, again.content) == (201, first.content)

    async def test_dead_request_is_completed(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """A repeated request does what the first one left undone, without another thought."""
        await capture(client, token, key="once")
        rows.change(
            "UPDATE thoughts SET processed_at = NULL, answer = NULL, title = NULL,"
            " created_at = now() - interval '1 day'"
        )
        assist(app, Scripted(extracted=FOUND))

        again = await asyncio.gather(*(capture(client, token, key="once") for _ in range(5)))

        assert {answer.content for answer in again} == {again[0].content}
        assert len(again[0].json()["tasks"]) == 2
        assert rows.one(COUNTS) == (1, 2, 2, 2, 7)


class TestThoughts:
    """GET and DELETE /v1/thoughts."""

    async def test_pages_are_stable_while_thoughts_come_in(
        self, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """Each thought that was there at first is on exactly one page, newest first."""
        ids = [(await capture(client, token, f"{number}")).json()["thought_id"] for number in range(5)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/thoughts", params=query, headers=bearer(token))).json()
            seen += [each["id"] for each in page["thoughts"]]
            cursor = page["next_cursor"]
            await capture(client, token, "another one")

        assert seen == ids[::-1]

    async def test_delete_keeps_the_tasks(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """The thought and its findings are gone; what is to be done stays; a second time there is none."""
        assist(app, Scripted(extracted=FOUND))
        path = f"/v1/thoughts/{(await capture(client, token)).json()['thought_id']}"

        answers = [(await client.delete(path, headers=bearer(token))).status_code for _ in range(2)]

        assert answers == [204, 404]
        assert rows.one(COUNTS) == (0, 2, 2, 2, 0)

    async def test_others_thoughts_do_not_exist(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """Nobody reads, lists or deletes what is another's."""
        other = bearer(await issue_token(database, "eve@example.org"))
        path = f"/v1/thoughts/{(await capture(client, token)).json()['thought_id']}"

        assert (await client.get(path, headers=other)).status_code == 404
        assert (await client.delete(path, headers=other)).status_code == 404
        assert (await client.get("/v1/thoughts", headers=other)).json()["thoughts"] == []
        assert (await client.delete(f"/v1/thoughts/{uuid4()}", headers=other)).status_code == 404
        assert rows.one(COUNTS)[0] == 1


async def _is_kept(rows: Rows) -> bool:
    return bool(rows.one("SELECT count(*) FROM thoughts")[0])
