"""Capture keeps a thought and its job together, and shows them to their owner."""

from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests.integration.world import NOWHERE, Rows, bearer, eventually, issue_token, serving, working

CAPTURE = "/v1/capture/thought"


async def capture(client: httpx.AsyncClient, token: str, text: str = "buy milk") -> dict[str, str]:
    """Capture a thought and return the answer."""
    response = await client.post(CAPTURE, json={"text": text}, headers=bearer(token))
    assert response.status_code == 201, response.text
    answer: dict[str, str] = response.json()
    return answer


class TestCaptureThought:
    """POST /v1/capture/thought."""

    @pytest.mark.contracts
    async def test_answers_capture_v1(self, client: httpx.AsyncClient, token: str) -> None:
        """The answer is capture.v1, field for field."""
        answer = await capture(client, token)

        assert set(answer) == {"contract", "thought_id", "job_id", "created_at", "source"}
        assert answer["contract"] == "capture.v1"
        assert answer["source"] == "fallback"
        assert UUID(answer["thought_id"]) != UUID(answer["job_id"])

    async def test_commits_thought_and_job(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """One thought and one job that names it are committed."""
        answer = await capture(client, token)

        assert rows.one("SELECT count(*) FROM thoughts") == (1,)
        payload, status = rows.one("SELECT payload, status FROM jobs WHERE id = %s", answer["job_id"])
        assert payload == {"thought_id": answer["thought_id"]}
        assert status == "queued"

    async def test_keeps_neither_when_one_fails(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """A job that cannot be queued takes its thought with it."""
        rows.change("ALTER TABLE jobs ADD CONSTRAINT none_at_all CHECK (kind = 'canary')")

        response = await client.post(CAPTURE, json={"text": "lost"}, headers=bearer(token))

        assert response.status_code == 500
        assert rows.one("SELECT count(*) FROM thoughts") == (0,)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": " \n"},
            {"text": 1},
            {"text": "a\0b"},
            {"text": "x" * 20_001},
            {"text": "a", "b": 1},
        ],
        ids=["nothing", "empty", "blank", "number", "nul", "long", "extra"],
    )
    async def test_refuses_what_is_no_thought(
        self, client: httpx.AsyncClient, token: str, body: dict[str, object]
    ) -> None:
        """An unusable body answers problem details that name the field and not its value."""
        response = await client.post(CAPTURE, json=body, headers=bearer(token))

        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"] == "urn:problem-type:validation-failed"
        assert {each["field"] for each in response.json()["errors"]} <= {"text", "b"}

    async def test_refuses_a_huge_body(self, client: httpx.AsyncClient, token: str) -> None:
        """A body over the limit answers problem details too."""
        response = await client.post(CAPTURE, content=b"x" * 1_000_001, headers=bearer(token))

        assert response.status_code == 413
        assert response.json()["type"] == "urn:problem-type:content-too-large"

    async def test_does_not_need_redis(self, environment: Environment, token: str, rows: Rows) -> None:
        """A thought is kept whether or not its message can be sent."""
        without = environment.model_copy(update={"redis_url": SecretStr(NOWHERE)})

        async with serving(create_app(without)) as client:
            answer = await capture(client, token)

        assert (await rows.job(answer["job_id"]))[0] == "queued"


class TestReadThought:
    """GET /v1/thoughts/{id}."""

    @pytest.mark.contracts
    async def test_reads_back_word_for_word(self, client: httpx.AsyncClient, token: str) -> None:
        """The owner reads what was captured; before processing there is no title."""
        answer = await capture(client, token, "bùy mílk 🥛")

        response = await client.get(f"/v1/thoughts/{answer['thought_id']}", headers=bearer(token))

        assert response.json() == {
            "id": answer["thought_id"],
            "text": "bùy mílk 🥛",
            "title": None,
            "source": "fallback",
            "created_at": answer["created_at"],
            "processed_at": None,
        }

    async def test_unknown_is_not_found(self, client: httpx.AsyncClient, token: str) -> None:
        """A thought that does not exist answers 404 with problem details."""
        response = await client.get(f"/v1/thoughts/{uuid4()}", headers=bearer(token))

        assert response.status_code == 404
        assert response.json()["type"] == "urn:problem-type:not-found"

    async def test_other_tenants_is_not_found(self, client: httpx.AsyncClient, token: str, database: Database) -> None:
        """Someone else's thought and job look as if they did not exist."""
        answer = await capture(client, token)
        other = bearer(await issue_token(database, "bob@example.org"))

        thought = await client.get(f"/v1/thoughts/{answer['thought_id']}", headers=other)
        job = await client.get(f"/v1/jobs/{answer['job_id']}", headers=other)

        assert (thought.status_code, job.status_code) == (404, 404)


class TestProcessing:
    """From the API through the worker and back."""

    async def test_worker_processes_the_thought(
        self, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """The job is done by a worker, and the thought has its title."""
        async with working(environment) as worker:
            answer = await capture(client, token, "buy milk\nand bread")
            await eventually(lambda: rows.is_done(answer["job_id"]))

        thought = (await client.get(f"/v1/thoughts/{answer['thought_id']}", headers=bearer(token))).json()
        job = (await client.get(f"/v1/jobs/{answer['job_id']}", headers=bearer(token))).json()
        assert thought["title"] == "buy milk"
        assert thought["processed_at"] == job["finished_at"]
        assert job["result"]["worker_id"] == worker.identity.id
