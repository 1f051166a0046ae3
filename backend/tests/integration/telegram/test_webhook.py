"""The webhook takes what Telegram sends, whatever it is, and nothing from anybody else."""

import asyncio
import hmac
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.types import Message

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.tests.integration.telegram.talk import OLD_SECRET, SECRET, WEBHOOK, deliver, update_of
from backend.tests.integration.world import Rows, serving

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
POISON: dict[str, Any] = {
    "nothing else": {},
    "no message": {"message": None},
    "a list": {"message": [1, 2]},
    "no chat": {"message": {"text": "hi"}},
    "a chat of text": {"message": {"chat": "me", "text": "hi"}},
    "a huge id": {"message": {"chat": {"id": 10**30, "type": "private"}, "text": "hi"}},
    "text of numbers": {"message": {"chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "text": 5}},
    "nul and half pairs": {"message": update_of("a\0b\ud800")["message"]},
    "not a number": {"message": float("nan"), "x": float("inf")},
    "deep": {"message": json.loads("[" * 300 + "]" * 300)},
    "an unknown kind": {"brand_new_thing": {"id": 1}},
    "two kinds": {"edited_message": {}, "message": {}},
}


def counted(rows: Rows) -> tuple[int, int]:
    """Return how many updates and how many jobs for them there are."""
    sql = "SELECT (SELECT count(*) FROM telegram_updates), (SELECT count(*) FROM jobs WHERE kind = 'telegram.update')"
    updates, jobs = rows.one(sql)
    return updates, jobs


class TestSecret:
    """Who may deliver."""

    @pytest.mark.parametrize(
        ("secret", "status"),
        [(SECRET, 200), (OLD_SECRET, 200), (None, 401), ("", 401), ("wrong", 401), (SECRET[:-1], 401)],
        ids=["new", "old", "missing", "empty", "wrong", "shorter"],
    )
    async def test_one_of_ours_must_be_shown(
        self, client: httpx.AsyncClient, rows: Rows, secret: str | None, status: int
    ) -> None:
        """While the secret is replaced the old one is good too; nothing else is, and nothing else is kept."""
        response = await deliver(client, update_of("hi"), secret=secret)

        assert response.status_code == status
        assert counted(rows) == ((1, 1) if status == 200 else (0, 0))

    async def test_refusal_tells_nothing(self, client: httpx.AsyncClient) -> None:
        """Missing and wrong look the same, and name neither header nor secret."""
        missing = await deliver(client, update_of("hi"), secret=None)
        wrong = await client.post(WEBHOOK, json={}, headers={b"X-Telegram-Bot-Api-Secret-Token": b"\xfcmlaut"})

        assert missing.json() == wrong.json()
        assert missing.json()["detail"] == "The delivery was refused."

    async def test_body_is_not_read_without_a_secret(self, app: FastAPI) -> None:
        """Who does not know the secret cannot make us read."""
        answers: list[Message] = []

        async def receive() -> Message:
            pytest.fail("the body was read")

        async def send(message: Message) -> None:
            answers.append(message)

        async with app.router.lifespan_context(app) as state:
            scope = {
                "type": "http",
                "method": "POST",
                "path": WEBHOOK,
                "raw_path": WEBHOOK.encode(),
                "query_string": b"",
                "headers": [(b"content-length", b"5")],
                "http_version": "1.1",
                "state": dict(state or {}),
            }
            await app(scope, receive, send)

        assert answers[0]["status"] == 401

    async def test_every_secret_is_compared_in_constant_time(
        self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The time tells neither how much of it was right nor which one it was."""
        compared: list[bytes] = []
        whole = hmac.compare_digest

        def compare(shown: bytes, ours: bytes) -> bool:
            compared.append(ours)
            return whole(shown, ours)

        monkeypatch.setattr(hmac, "compare_digest", compare)
        await deliver(client, update_of("hi"))

        assert compared == [SECRET.encode(), OLD_SECRET.encode()]

    async def test_without_a_bot_there_is_nothing(self, environment: Environment) -> None:
        """A deployment without a bot has no such address."""
        async with serving(create_app(environment)) as client:
            response = await deliver(client, update_of("hi"))

        assert response.status_code == 404


class TestDeliveries:
    """What is taken."""

    async def test_keeps_the_update_as_it_came(self, client: httpx.AsyncClient, rows: Rows) -> None:
        """Byte for byte, with one job, and an empty answer: Telegram would run a method that a body names."""
        body = json.dumps(update_of("hi", update_id=77)).encode()

        response = await deliver(client, body)

        assert (response.status_code, response.content) == (200, b"")
        assert rows.one("SELECT body, outcome FROM telegram_updates WHERE update_id = 77") == (body, None)
        (payload,) = rows.one("SELECT payload FROM jobs WHERE kind = 'telegram.update'")
        assert payload == {"bot_id": 4711, "update_id": 77}

    async def test_hundred_at_once_are_one(self, client: httpx.AsyncClient, rows: Rows) -> None:
        """A repeated delivery is harmless, also at the same time."""
        update = update_of("hi")

        answers = await asyncio.gather(*(deliver(client, update) for _ in range(100)))

        assert {answer.status_code for answer in answers} == {200}
        assert counted(rows) == (1, 1)

    @pytest.mark.parametrize("name", POISON)
    async def test_poison_is_kept(self, client: httpx.AsyncClient, rows: Rows, name: str) -> None:
        """An update of any form is taken: refused, it would hold its chat up for a day."""
        body = json.dumps({"update_id": 5, **POISON[name]}).encode()

        response = await deliver(client, body)

        assert (response.status_code, response.content) == (200, b"")
        assert counted(rows) == (1, 1)

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"[]", b"null", b"{}", b'{"update_id": "5"}', b'{"update_id": 1e3}', b"\xff", b"[" * 100_000],
        ids=["empty", "cut", "list", "null", "no id", "text", "float", "bytes", "deep"],
    )
    async def test_what_is_no_update_is_taken_and_counted(
        self, client: httpx.AsyncClient, rows: Rows, body: bytes
    ) -> None:
        """It cannot be told from others, so that it is dropped; Telegram goes on."""
        response = await deliver(client, body)
        metrics = (await client.get("/metrics")).text

        assert (response.status_code, response.content) == (200, b"")
        assert counted(rows) == (0, 0)
        assert 'telegram_deliveries_total{outcome="malformed"} 1.0' in metrics

    async def test_a_huge_body_is_taken_and_counted(self, client: httpx.AsyncClient, rows: Rows) -> None:
        """It is not read to its end, and holds nobody up."""
        response = await deliver(client, b"x" * 1_000_001)
        metrics = (await client.get("/metrics")).text

        assert (response.status_code, counted(rows)) == (200, (0, 0))
        assert 'telegram_deliveries_total{outcome="too_large"} 1.0' in metrics

    async def test_a_test_is_not_kept(self, client: httpx.AsyncClient, rows: Rows) -> None:
        """A number below zero is no update of Telegram's; it shows that address and secret are right."""
        response = await deliver(client, update_of("hi", update_id=-1))

        assert (response.status_code, counted(rows)) == (200, (0, 0))

    async def test_what_cannot_be_kept_is_not_answered_for(self, bot_environment: Environment) -> None:
        """Without a database Telegram is asked to come back, and says when."""
        nowhere = SecretStr("postgresql://nobody@127.0.0.1:1/nothing")

        async with serving(create_app(bot_environment.model_copy(update={"database_url": nowhere}))) as client:
            response = await deliver(client, update_of("hi"))

        assert (response.status_code, response.headers["retry-after"]) == (503, "2")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(fields=st.dictionaries(st.text(max_size=20), JSON, max_size=4), message=JSON)
    async def test_any_json_is_kept_once(
        self, client: httpx.AsyncClient, rows: Rows, fields: dict[str, Any], message: Any
    ) -> None:
        """Never an error, always one row."""
        rows.change("TRUNCATE telegram_updates")
        body = json.dumps({**fields, "message": message, "update_id": 9}).encode()

        answers = [await deliver(client, body), await deliver(client, body)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert rows.one("SELECT count(*) FROM telegram_updates") == (1,)
