"""Capture keeps a thought and its job together, and shows them to their owner."""

import json
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.features.capture.schemas import CaptureV1
from backend.tests.integration.world import (
    NOWHERE,
    Rows,
    bearer,
    eventually,
    issue_token,
    left_thought,
    serving,
    working,
)

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

        assert set(answer) == set(CaptureV1.model_fields)
        assert (answer["contract"], answer["source"], answer["reason"]) == ("capture.v1", "fallback", "not configured")
        assert answer["title"] == "buy milk"
        assert UUID(answer["thought_id"]) != UUID(answer["job_id"])

    async def test_commits_thought_and_job(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """One thought and one job that names it are committed."""
        answer = await capture(client, token)

        assert rows.one("SELECT count(*) FROM thoughts") == (1,)
        payload, status, result = rows.one("SELECT payload, status, result FROM jobs WHERE id = %s", answer["job_id"])
        assert payload == {"thought_id": answer["thought_id"]}
        assert (status, result["worker_id"]) == ("done", "api")

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
            {"text": "a\ud800b"},
            {"text": "x" * 20_001},
            {"text": "a", "b": 1},
        ],
        ids=["nothing", "empty", "blank", "number", "nul", "surrogate", "long", "extra"],
    )
    async def test_refuses_what_is_no_thought(
        self, client: httpx.AsyncClient, token: str, body: dict[str, object]
    ) -> None:
        """An unusable body answers problem details that name the field and not its value."""
        headers = {**bearer(token), "Content-Type": "application/json"}

        response = await client.post(CAPTURE, content=json.dumps(body), headers=headers)

        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"] == "urn:problem-type:validation-failed"
        assert {each["field"] for each in response.json()["errors"]} <= {"text", "b"}

    @pytest.mark.parametrize(
        ("content", "kind", "words"),
        [
            (b'{"text": "a"}', "application/x-www-form-urlencoded", "Content-Type: application/json"),
            (b'{"text":', "application/json", "is not JSON"),
            (b'{"text": "\xff"}', "application/json", "in UTF-8"),
        ],
        ids=["form", "half", "not UTF-8"],
    )
    async def test_says_how_a_body_must_be(
        self, client: httpx.AsyncClient, token: str, *, content: bytes, kind: str, words: str
    ) -> None:
        """A body that is not read at all is answered with what to send."""
        response = await client.post(CAPTURE, content=content, headers={**bearer(token), "Content-Type": kind})

        assert response.headers["content-type"] == "application/problem+json"
        assert words in response.text

    async def test_repeats_no_more_of_a_field_than_its_beginning(self, client: httpx.AsyncClient, token: str) -> None:
        """A name that nobody knows may be as long as a body."""
        response = await client.post(CAPTURE, json={"text": "a", "k" * 200_000: 1}, headers=bearer(token))

        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "k" * 200

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

        assert (await rows.job(answer["job_id"]))[0] == "done"


class TestReadThought:
    """GET /v1/thoughts/{id}."""

    @pytest.mark.contracts
    async def test_reads_back_word_for_word(self, client: httpx.AsyncClient, token: str) -> None:
        """The owner reads what was captured, and what was made of it."""
        answer = await capture(client, token, "bùy mílk 🥛")

        response = await client.get(f"/v1/thoughts/{answer['thought_id']}", headers=bearer(token))

        thought = response.json()
        assert thought["processed_at"] >= thought["created_at"] == answer["created_at"]
        assert {**thought, "created_at": None, "processed_at": None} == {
            "contract": "thought.v1",
            "id": answer["thought_id"],
            "text": "bùy mílk 🥛",
            "title": "bùy mílk 🥛",
            "source": "fallback",
            "reason": "not configured",
            "created_at": None,
            "processed_at": None,
            **{name: [] for name in ("tasks", "projects", "people", "ideas", "problems", "dates")},
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
        self, client: httpx.AsyncClient, database: Database, token: str, environment: Environment, rows: Rows
    ) -> None:
        """What a request left undone is done by a worker, and the thought has its title."""
        job_id = await left_thought(database, token, "buy milk\nand bread")
        async with working(environment) as worker:
            await eventually(lambda: rows.is_done(job_id))

        job = (await client.get(f"/v1/jobs/{job_id}", headers=bearer(token))).json()
        (thought,) = (await client.get("/v1/thoughts", headers=bearer(token))).json()["thoughts"]
        assert thought["title"] == "buy milk"
        assert thought["processed_at"] == job["finished_at"]
        assert job["result"]["worker_id"] == worker.identity.id
