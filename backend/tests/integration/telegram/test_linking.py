"""A chat is linked by a code that works once, not for long, and in private only."""

import asyncio
import hashlib
from typing import Any

import httpx
import pytest

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.features.telegram import messages
from backend.tests.integration.telegram.talk import ADA, LINK, STATUS, TOKEN, Talk, deliver, update_of
from backend.tests.integration.world import Rows, bearer, issue_token, serving

EVE = 6_000_000_001


async def new_link(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    """Ask for a deep link."""
    response = await client.post(LINK, headers=bearer(token))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


class TestLink:
    """POST /v1/integrations/telegram/link."""

    @pytest.mark.contracts
    async def test_answers_a_deep_link(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """The address opens the bot with a code of 128 bits that Telegram takes, valid for ten minutes."""
        response = await client.post(LINK, headers=bearer(token))
        answer = response.json()

        assert set(answer) == {"contract", "url", "code", "expires_at"}
        assert answer["contract"] == "telegram-link.v1"
        assert answer["url"] == f"https://t.me/standin_4711_bot?start={answer['code']}"
        assert len(answer["code"]) == 22
        assert response.headers["cache-control"] == "no-store"
        assert rows.one("SELECT extract(epoch FROM expires_at - created_at)::int FROM telegram_link_codes") == (600,)

    async def test_only_a_hash_is_kept(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """The database cannot tell the code."""
        code = (await new_link(client, token))["code"]

        (row,) = rows.one("SELECT to_jsonb(telegram_link_codes)::text FROM telegram_link_codes")
        assert hashlib.sha256(code.encode()).hexdigest() in row
        assert code not in row

    async def test_asks_telegram_once_who_it_is(self, talk: Talk, token: str) -> None:
        """The bot's name is remembered."""
        await new_link(talk.client, token)
        await new_link(talk.client, token)

        assert await talk.calls("getMe") == 1

    async def test_says_when_telegram_does_not(self, talk: Talk, token: str) -> None:
        """Without the bot's name there is no address; the answer holds nothing of ours."""
        await talk.arrange("faults", name="unauthorized")

        response = await talk.client.post(LINK, headers=bearer(token))

        assert (response.status_code, response.json()["type"]) == (503, "urn:problem-type:provider-unavailable")
        assert TOKEN not in response.text

    async def test_without_a_bot_it_says_so(self, environment: Environment, token: str) -> None:
        """A deployment without a bot links nobody, and its status says why."""
        async with serving(create_app(environment)) as client:
            refused = await client.post(LINK, headers=bearer(token))
            status = (await client.get(STATUS, headers=bearer(token))).json()

        assert refused.status_code == 409
        assert (status["state"], status["linked"]) == ("not_configured", False)


class TestStart:
    """/start CODE."""

    async def test_links_once(self, talk: Talk, token: str, rows: Rows) -> None:
        """The code links whoever shows it first; shown again, by anybody, it is refused in one way."""
        code = (await new_link(talk.client, token))["code"]

        first = await talk.say(f"/start {code}")
        again = await talk.say(f"/start {code}", user_id=EVE)

        assert first == [messages.LINKED]
        assert again == [messages.CODE_REFUSED]
        assert rows.one("SELECT telegram_user_id, chat_id, mode FROM telegram_links") == (ADA, ADA, "capture")

    async def test_a_code_of_nobody_is_refused_alike(self, talk: Talk) -> None:
        """Unknown and used look the same."""
        assert await talk.say("/start AAAAAAAAAAAAAAAAAAAAAA") == [messages.CODE_REFUSED]

    async def test_expires(self, talk: Talk, token: str, rows: Rows) -> None:
        """After ten minutes it is worth nothing."""
        code = (await new_link(talk.client, token))["code"]
        rows.change("UPDATE telegram_link_codes SET expires_at = now()")

        assert await talk.say(f"/start {code}") == [messages.CODE_REFUSED]

    async def test_a_new_code_voids_the_old_one(self, talk: Talk, token: str) -> None:
        """At most one code of a person is good."""
        old, new = [(await new_link(talk.client, token))["code"] for _ in range(2)]

        assert await talk.say(f"/start {old}") == [messages.CODE_REFUSED]
        assert await talk.say(f"/start {new}") == [messages.LINKED]

    async def test_one_of_two_at_once_wins(self, talk: Talk, token: str, rows: Rows) -> None:
        """Two people with one code: one link."""
        code = (await new_link(talk.client, token))["code"]
        updates = [update_of(f"/start {code}", user_id=user_id) for user_id in (ADA, EVE)]
        for update in updates:
            await deliver(talk.client, update)

        await asyncio.gather(*(talk.work_off(update["update_id"]) for update in updates))

        assert sorted(talk.outcome(update["update_id"]) or "" for update in updates) == ["code refused", "linked"]
        assert rows.one("SELECT count(*) FROM telegram_links") == (1,)

    @pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
    async def test_not_in_public(self, talk: Talk, token: str, kind: str) -> None:
        """Where others read it, a code does nothing, and stays good."""
        code = (await new_link(talk.client, token))["code"]
        update = update_of(f"/start {code}", chat={"id": -100, "type": kind})

        assert await talk.hand_in(update) == []
        assert talk.outcome(update["update_id"]) == "ignored: not private"
        assert await talk.say(f"/start {code}") == [messages.LINKED]

    async def test_a_revoked_user_cannot_link(self, talk: Talk, token: str, rows: Rows) -> None:
        """Nor go on, when linked before."""
        code = (await new_link(talk.client, token))["code"]
        rows.change("UPDATE users SET revoked_at = now()")
        refused = await talk.say(f"/start {code}")
        rows.change("UPDATE users SET revoked_at = NULL")
        await talk.link()
        rows.change("UPDATE users SET revoked_at = now()")

        assert refused == [messages.CODE_REFUSED]
        assert await talk.say("buy milk") == []
        assert talk.memory.captured == {}

    async def test_moves_to_another_account(self, talk: Talk, token: str, database: Database, rows: Rows) -> None:
        """One person on Telegram has one twin, and one twin one chat: the last link counts."""
        await talk.link()
        bobs = (await new_link(talk.client, await issue_token(database, "bob@example.org")))["code"]

        assert await talk.say(f"/start {bobs}") == [messages.LINKED]
        assert rows.one(
            "SELECT count(*), count(*) FILTER (WHERE email = 'bob@example.org') FROM telegram_links"
            " JOIN users ON users.id = user_id"
        ) == (1, 1)

    async def test_strangers_get_few_answers(self, talk: Talk) -> None:
        """Whoever is not linked gets five answers in ten minutes; a thought of theirs is ignored."""
        said = [
            await talk.say(text, user_id=EVE) for text in ("hello", "/start", *["/start wrong"] * 3, "/help", "/help")
        ]

        assert [len(each) for each in said] == [0, 1, 1, 1, 1, 1, 0]
        assert said[1] == [messages.STRANGER]
        assert talk.memory.captured == {}


class TestStatus:
    """GET …/status, PATCH and DELETE …/link."""

    @pytest.mark.contracts
    async def test_answers_telegram_status_v1(self, talk: Talk, token: str) -> None:
        """Not linked, then linked."""
        before = (await talk.client.get(STATUS, headers=bearer(token))).json()
        await talk.link()
        after = (await talk.client.get(STATUS, headers=bearer(token))).json()

        assert before == {
            "contract": "telegram-status.v1",
            "state": "not_linked",
            "linked": False,
            "blocked": False,
            "mode": None,
            "linked_at": None,
            "bot_username": "standin_4711_bot",
            "pending_messages": 0,
            "last_error": None,
        }
        assert (after["state"], after["linked"], after["mode"]) == ("linked", True, "capture")
        assert after["linked_at"].endswith("Z")

    async def test_another_tenant_sees_nothing_of_it(self, talk: Talk, database: Database) -> None:
        """Someone else's link is no link of yours."""
        await talk.link()
        other = bearer(await issue_token(database, "bob@example.org"))

        status = (await talk.client.get(STATUS, headers=other)).json()
        changed = await talk.client.patch(LINK, json={"mode": "query"}, headers=other)
        await talk.client.delete(LINK, headers=other)

        assert (status["state"], changed.status_code) == ("not_linked", 404)
        assert await talk.say("still there") != []

    async def test_does_without_telegram(self, talk: Talk, token: str) -> None:
        """The status is there when Telegram is not."""
        await talk.arrange("faults", name="drop")

        status = await talk.client.get(STATUS, headers=bearer(token))

        assert (status.status_code, status.json()["bot_username"]) == (200, None)

    async def test_sets_the_mode(self, talk: Talk, token: str) -> None:
        """From outside of the chat too."""
        await talk.link()

        changed = await talk.client.patch(LINK, json={"mode": "query"}, headers=bearer(token))

        assert changed.json()["mode"] == "query"
        assert await talk.say("when is the dentist") == ["It is on Friday."]

    async def test_unlinks(self, talk: Talk, token: str, rows: Rows) -> None:
        """Nothing that waits is sent, no open code links, and the chat is a stranger's."""
        await talk.link()
        code = (await new_link(talk.client, token))["code"]
        late = update_of("late")
        await deliver(talk.client, late)
        await talk.work_off(late["update_id"])

        gone = await talk.client.delete(LINK, headers=bearer(token))
        again = await talk.client.delete(LINK, headers=bearer(token))
        before = await talk.heard()
        await talk.send()

        assert [each.json()["state"] for each in (gone, again)] == ["not_linked"] * 2
        assert await talk.heard() == before
        assert rows.one("SELECT state, error FROM telegram_messages ORDER BY created_at DESC LIMIT 1") == (
            "failed",
            "the chat was unlinked",
        )
        assert await talk.say(f"/start {code}") == [messages.CODE_REFUSED]
