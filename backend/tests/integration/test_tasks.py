"""Tasks are listed, added, changed, done and deleted by their owner; each change counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.db.unit_of_work import Database
from backend.tests.integration.world import Rows, bearer, issue_token

TASKS = "/v1/tasks"


async def add(client: httpx.AsyncClient, token: str, **said: Any) -> dict[str, Any]:
    """Add a task and return it."""
    answer = await client.post(TASKS, json={"title": "x", **said}, headers=bearer(token))
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


class TestAdd:
    """POST /v1/tasks."""

    @pytest.mark.contracts
    async def test_what_is_said_is_kept(self, client: httpx.AsyncClient, token: str) -> None:
        """All of it; the rest is as it is for any task; it is read back as it was answered."""
        said = {"title": "Paint", "notes": "white", "priority": 2, "due_on": "2026-12-01", "labels": ["home"]}

        task = await add(client, token, **said, estimate_minutes=90, project="The  House", recurrence="every spring")
        read = await client.get(f"{TASKS}/{task['id']}", headers=bearer(token))

        assert {**task, **said} == task == read.json()
        assert (task["status"], task["source"], task["revision"], task["due_at"]) == ("open", "manual", 1, None)
        assert (task["estimate_minutes"], task["project"]) == (90, "The  House")
        assert (task["contract"], task["thought_id"], task["recurrence"]) == ("task.v1", None, "every spring")

    async def test_a_moment_is_on_the_owners_day(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """Half past three in the night of Tokyo is still the day before in London."""
        rows.change("UPDATE users SET timezone = 'Asia/Tokyo'")

        task = await add(client, token, due_at="2026-11-27T19:30:00+01:00")

        assert (task["due_at"], task["due_on"], task["due_zone"]) == (
            "2026-11-27T18:30:00Z",
            "2026-11-28",
            "Asia/Tokyo",
        )

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"title": " "},
            {"title": "a\0"},
            {"title": "x", "priority": 5},
            {"title": "x", "priority": "1"},
            {"title": "x", "due_on": "soon"},
            {"title": "x", "due_at": "2026-11-27T19:30:00"},
            {"title": "x", "due_at": "0001-01-01T00:00:00+14:00"},
            {"title": "x", "due_on": "2026-11-27", "due_at": "2026-11-27T19:30:00Z"},
            {"title": "x", "labels": [""]},
            {"title": "x", "status": "done"},
            {"title": "x", "estimate_minutes": 0},
        ],
        ids=str,
    )
    async def test_refuses_what_is_no_task(
        self, client: httpx.AsyncClient, token: str, rows: Rows, body: dict[str, Any]
    ) -> None:
        """Nothing is guessed, and nothing is kept."""
        answer = await client.post(TASKS, json=body, headers=bearer(token))

        assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:validation-failed")
        assert rows.one("SELECT count(*) FROM tasks") == (0,)


class TestChange:
    """PATCH /v1/tasks/{id}."""

    async def test_only_what_is_named(self, client: httpx.AsyncClient, token: str) -> None:
        """The rest stays; null takes away; each change counts once."""
        task = await add(client, token, notes="n", due_at="2026-11-27T10:00:00Z", project="Home", labels=["a"])
        path = f"{TASKS}/{task['id']}"

        first = await client.patch(path, json={"title": "y", "project": None, "labels": []}, headers=bearer(token))
        second = await client.patch(path, json={"due_on": "2026-12-01"}, headers=bearer(token))

        assert (first.json()["title"], first.json()["project"], first.json()["labels"]) == ("y", None, [])
        assert (first.json()["notes"], first.json()["due_at"]) == ("n", "2026-11-27T10:00:00Z")
        assert (second.json()["due_on"], second.json()["due_at"], second.json()["due_zone"]) == (
            "2026-12-01",
            None,
            None,
        )
        assert [task["revision"], first.json()["revision"], second.json()["revision"]] == [1, 2, 3]
        assert second.json()["updated_at"] > first.json()["updated_at"] > task["updated_at"]

    @pytest.mark.parametrize(
        "said", [{}, {"title": "x"}, {"project": "HOME"}, {"labels": ["a"]}, {"due_on": "2026-11-27"}], ids=str
    )
    async def test_what_is_so_already_is_no_change(
        self, client: httpx.AsyncClient, token: str, said: dict[str, Any]
    ) -> None:
        """It does not count, so that no sync carries it."""
        task = await add(client, token, project="Home", labels=["a"], due_on="2026-11-27")

        answer = await client.patch(f"{TASKS}/{task['id']}", json=said, headers=bearer(token))

        assert answer.json() == task

    @pytest.mark.parametrize("said", [{"title": None}, {"status": "done"}, {"revision": 7}, {"priority": 0}], ids=str)
    async def test_refuses_what_cannot_be(self, client: httpx.AsyncClient, token: str, said: dict[str, Any]) -> None:
        """A task has a title and a priority; its status moves by other ways."""
        task = await add(client, token)

        answer = await client.patch(f"{TASKS}/{task['id']}", json=said, headers=bearer(token))

        assert answer.status_code == 422


class TestMove:
    """Complete, reopen, delete."""

    async def test_there_and_back(self, client: httpx.AsyncClient, token: str) -> None:
        """Each move counts once, however often it is asked for."""
        path = f"{TASKS}/{(await add(client, token))['id']}"
        moves = ("complete", "complete", "reopen", "reopen")

        tasks = [(await client.post(f"{path}/{move}", headers=bearer(token))).json() for move in moves]

        assert [(task["status"], task["revision"]) for task in tasks] == [
            ("done", 2),
            ("done", 2),
            ("open", 3),
            ("open", 3),
        ]
        assert [task["completed_at"] is not None for task in tasks] == [True, True, False, False]

    async def test_deleted_task_is_gone(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """It is neither read, listed nor changed; its row says so for a sync."""
        path = f"{TASKS}/{(await add(client, token))['id']}"

        deleted = [(await client.delete(path, headers=bearer(token))).status_code for _ in range(2)]

        assert deleted == [204, 404]
        assert (await client.get(path, headers=bearer(token))).status_code == 404
        assert (await client.post(f"{path}/reopen", headers=bearer(token))).status_code == 404
        assert (await client.get(TASKS, headers=bearer(token))).json()["tasks"] == []
        assert rows.one("SELECT status, revision, deleted_at IS NOT NULL FROM tasks") == ("deleted", 2, True)


class TestList:
    """GET /v1/tasks."""

    async def test_pages_are_stable_while_tasks_come_in(self, client: httpx.AsyncClient, token: str) -> None:
        """Each task that was there at first is on exactly one page, newest first."""
        ids = [(await add(client, token))["id"] for _ in range(5)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(TASKS, params=query, headers=bearer(token))).json()
            seen += [each["id"] for each in page["tasks"]]
            cursor = page["next_cursor"]
            await add(client, token)

        assert seen == ids[::-1]

    async def test_filters(self, client: httpx.AsyncClient, token: str) -> None:
        """By state, by project in any spelling, by the day before which it is due."""
        today = date(2026, 11, 27)
        await add(client, token, title="soon", due_on=str(today), project="Home")
        await add(client, token, title="later", due_on=str(today + timedelta(days=1)), project="Work")
        done = await add(client, token, title="done", project="Home")
        await client.post(f"{TASKS}/{done['id']}/complete", headers=bearer(token))

        async def titles(query: str) -> list[str]:
            page = (await client.get(f"{TASKS}?{query}", headers=bearer(token))).json()
            return [each["title"] for each in page["tasks"]]

        assert await titles("") == ["done", "later", "soon"]
        assert await titles("status=open&project=home") == ["soon"]
        assert await titles("status=done") == ["done"]
        assert await titles("due_before=2026-11-28") == ["soon"]

    @pytest.mark.parametrize("query", ["status=deleted", "limit=0", "limit=101", "cursor=x", "due_before=x", "a=b"])
    async def test_refuses_what_it_does_not_know(self, client: httpx.AsyncClient, token: str, query: str) -> None:
        """A mistake in the query is an answer, not an empty list."""
        assert (await client.get(f"{TASKS}?{query}", headers=bearer(token))).status_code == 422


class TestOthers:
    """Another tenant's tasks."""

    async def test_do_not_exist(self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows) -> None:
        """Whatever is tried, the answer is the one for an id that nobody has."""
        path = f"{TASKS}/{(await add(client, token))['id']}"
        other = bearer(await issue_token(database, "eve@example.org"))
        tries = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/complete"), ("POST", "/reopen")]

        async def answered(base: str) -> list[tuple[int, str]]:
            answers = [await client.request(verb, f"{base}{end}", json={}, headers=other) for verb, end in tries]
            return [(answer.status_code, answer.json()["title"]) for answer in answers]

        assert await answered(path) == await answered(f"{TASKS}/{uuid4()}") == [(404, "Not found")] * 5
        assert rows.one("SELECT status, revision FROM tasks") == ("open", 1)
        assert (await client.get(TASKS, headers=other)).json()["tasks"] == []


class TestMe:
    """GET and PATCH /v1/me."""

    async def test_zone_is_set(self, client: httpx.AsyncClient, token: str) -> None:
        """Everybody begins in UTC, and may live elsewhere."""
        first = (await client.get("/v1/me", headers=bearer(token))).json()
        second = await client.patch("/v1/me", json={"timezone": "Europe/Berlin"}, headers=bearer(token))

        assert first == {"contract": "me.v1", "email": "ada@example.org", "timezone": "UTC"}
        assert second.json() == (await client.get("/v1/me", headers=bearer(token))).json()
        assert second.json()["timezone"] == "Europe/Berlin"

    async def test_a_time_without_a_zone_moves_with_its_owner(
        self, client: httpx.AsyncClient, token: str, rows: Rows
    ) -> None:
        """Three o'clock stays three o'clock, and is no change; a moment in a zone stays that moment."""
        rows.change(
            "INSERT INTO tasks (twin_id, title, source, due_on, due_at, due_zone)"
            " SELECT twins.id, said.title, 'todoist', '2026-12-01', '2026-12-01T15:00Z', said.zone"
            " FROM twins, (VALUES ('floating', NULL), ('fixed', 'UTC')) AS said (title, zone)"
        )
        await client.patch("/v1/me", json={"timezone": "Europe/Berlin"}, headers=bearer(token))
        await client.patch("/v1/me", json={"timezone": "America/New_York"}, headers=bearer(token))

        seen = "SELECT due_at, due_on::text, revision FROM tasks WHERE title = %s"
        assert rows.one(seen, "floating") == (datetime(2026, 12, 1, 20, tzinfo=UTC), "2026-12-01", 1)
        assert rows.one(seen, "fixed") == (datetime(2026, 12, 1, 15, tzinfo=UTC), "2026-12-01", 1)

    @pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "localtime", "europe/berlin", "UTC\0", None, 1])
    async def test_refuses_what_is_no_zone(self, client: httpx.AsyncClient, token: str, zone: object) -> None:
        """Only names that everybody understands."""
        answer = await client.patch("/v1/me", json={"timezone": zone}, headers=bearer(token))

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "timezone")
