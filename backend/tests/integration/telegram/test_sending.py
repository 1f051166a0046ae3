"""Replies go out in order, as fast as Telegram wants them, none lost, and in doubt rather twice than never."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from backend.core.environment import Environment
from backend.jobs.records import RetryJobError
from backend.providers.telegram.client import TelegramBot
from backend.providers.telegram.door import open_door
from backend.providers.telegram.errors import (
    BadRequestError,
    BlockedError,
    FloodError,
    OutcomeUnknownError,
    TelegramError,
    TokenRefusedError,
    TransientError,
)
from backend.providers.telegram.records import Webhook
from backend.tests.integration.telegram.talk import ADA, BOT_ID, SECRET, STATUS, TOKEN, Talk, deliver, update_of
from backend.tests.integration.world import Rows, bearer

LONG = "A sentence of this answer is here. " * 300


async def owed(talk: Talk, *texts: str) -> None:
    """Have replies wait for Ada."""
    for text in texts:
        update = update_of(text)
        await deliver(talk.client, update)
        await talk.work_off(update["update_id"])


class TestOrder:
    """What is sent when."""

    async def test_a_long_answer_is_split(self, talk: Talk) -> None:
        """Its parts fit, are in order, and say all of it."""
        await talk.link()
        talk.memory.answer = LONG.strip()

        parts = await talk.say("? tell me")

        assert len(parts) == 3
        assert all(len(part) <= 4096 for part in parts)
        assert " ".join(parts) == LONG.strip()

    async def test_one_a_second_for_a_chat(self, talk: Talk, rows: Rows) -> None:
        """Two messages to one chat keep their distance."""
        await talk.link()
        await owed(talk, "milk", "bread")

        await talk.send(pace_s=0.4)

        apart = (
            "SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float8 FROM telegram_messages WHERE text ~ 'Noted'"
        )
        assert rows.one(apart)[0] > 0.3
        assert [each.split("\n")[0] for each in await talk.heard()][1:] == [
            "Noted: milk",
            "Noted: bread",
        ]

    async def test_flood_is_obeyed_by_the_whole_chat(self, talk: Talk, rows: Rows) -> None:
        """Nothing goes to the chat until the time that Telegram has named is over."""
        await talk.link()
        await owed(talk, "milk", "bread")
        await talk.arrange("faults", name="flood", retry_after=700, times=1, path="sendMessage")

        with pytest.raises(RetryJobError) as refused:
            await talk.send()
        with pytest.raises(RetryJobError) as still:
            await talk.send()

        assert refused.value.delay.total_seconds() == 700
        assert 0 < still.value.delay.total_seconds() <= 700
        assert talk.states() == ["sent", "queued", "queued"]
        rows.change("UPDATE telegram_messages SET send_after = now()")
        await talk.send()
        assert talk.states() == ["sent"] * 3

    async def test_real_flood_limits_lose_nothing(self, talk: Talk) -> None:
        """With Telegram's own limits for one chat a burst of messages arrives whole, once and in order."""
        await talk.link()
        await owed(talk, *(f"thought {number}" for number in range(4)))
        await talk.arrange("settings", per_chat=1, per_chat_burst=1)
        await talk.standin.delete("requests")

        while True:
            try:
                await talk.send()
                break
            except RetryJobError as error:
                await asyncio.sleep(error.delay.total_seconds())

        assert [each.split("\n")[0] for each in await talk.heard()][1:] == [f"Noted: thought {n}" for n in range(4)]
        assert await talk.calls("sendMessage") <= 8


class _LateBot(TelegramBot):
    """Sends at once, and says so when it may."""

    def __init__(self, token: str, *, base_url: str) -> None:
        super().__init__(token, base_url=base_url)
        self.has_sent, self.may_answer = asyncio.Event(), asyncio.Event()

    async def send_message(self, chat_id: int, text: str) -> int:
        number = await super().send_message(chat_id, text)
        self.has_sent.set()
        await self.may_answer.wait()
        return number


class TestFailures:
    """What becomes of a message that does not go out."""

    async def test_blocked_is_noted_and_nothing_more_is_sent(self, talk: Talk, token: str) -> None:
        """Everything that waits is dropped; when the person writes again, they are answered again."""
        await talk.link()
        await owed(talk, "milk", "bread")
        await talk.arrange("chats", chat_id=ADA, state="blocked")

        await talk.send()
        calls = await talk.calls("sendMessage")
        status = (await talk.client.get(STATUS, headers=bearer(token))).json()

        assert talk.states() == ["sent", "failed", "failed"]
        assert (status["state"], status["blocked"], status["pending_messages"]) == ("blocked", True, 0)
        assert status["last_error"]["detail"] == "Forbidden: bot was blocked by the user"
        assert calls == 2
        await talk.arrange("chats", chat_id=ADA, state="ok")
        assert await talk.say("hello again") == ["Noted: hello again\n• task: hello again"]
        assert (await talk.client.get(STATUS, headers=bearer(token))).json()["state"] == "linked"

    async def test_what_telegram_refuses_stands_in_nobodys_way(self, talk: Talk) -> None:
        """A message that cannot be sent is left, and the next one goes."""
        await talk.link()
        await owed(talk, "milk", "bread")
        await talk.arrange("faults", name="unparsed", times=1, path="sendMessage")

        await talk.send()

        assert talk.states() == ["sent", "failed", "sent"]

    @pytest.mark.parametrize("name", ["server-error", "unauthorized"])
    async def test_what_surely_was_not_sent_is_sent_later(self, talk: Talk, rows: Rows, name: str) -> None:
        """Once, when Telegram can."""
        await talk.link()
        await owed(talk, "milk")
        await talk.arrange("faults", name=name, times=1, path="sendMessage")

        with pytest.raises(RetryJobError):
            await talk.send()
        assert talk.states() == ["sent", "queued"]
        rows.change("UPDATE telegram_messages SET send_after = NULL")
        await talk.send()

        assert (talk.states(), len(await talk.heard())) == (["sent"] * 2, 2)

    async def test_is_not_tried_for_ever(self, talk: Talk, rows: Rows) -> None:
        """After eight attempts it is left, and after a day even if it was never tried."""
        await talk.link()
        await owed(talk, "milk", "bread")
        rows.change("UPDATE telegram_messages SET attempts = 7 WHERE state = 'queued' AND text LIKE '%%milk%%'")
        rows.change(
            "UPDATE telegram_messages SET created_at = created_at - interval '25 hours' WHERE text LIKE '%%bread%%'"
        )
        await talk.arrange("faults", name="server-error", path="sendMessage")

        await talk.send()

        assert sorted(talk.states()) == ["failed", "failed", "sent"]

    async def test_a_lost_answer_is_sent_again(self, talk: Talk) -> None:
        """It may have gone out, and a reply that never comes is worse than one that comes twice."""
        await talk.link()
        await owed(talk, "milk")
        await talk.arrange("faults", name="lost-reply", times=1, path="sendMessage")

        with pytest.raises(RetryJobError, match="may have been sent"):
            await talk.send()
        assert talk.states() == ["sent", "sending"]
        await talk.send()

        assert (talk.states(), len(await talk.heard())) == (["sent"] * 2, 3)

    async def test_doubt_has_an_end(self, talk: Talk, token: str) -> None:
        """Three times in doubt it is left, and nobody is written to without end."""
        await talk.link()
        await owed(talk, "milk", "bread")
        await talk.arrange("faults", name="lost-reply", times=3, path="sendMessage")

        for _ in range(3):
            with pytest.raises(RetryJobError):
                await talk.send()
        await talk.send()

        assert talk.states() == ["sent", "unknown", "sent"]
        assert (await talk.client.get(STATUS, headers=bearer(token))).json()["last_error"]["detail"] == (
            "may have been sent"
        )

    async def test_a_stop_waits_for_the_answer(self, talk: Talk, telegram_url: str) -> None:
        """A worker that is told to stop in the middle of a call does not leave it in doubt."""
        await talk.link()
        await owed(talk, "milk", "bread")
        bot = _LateBot(TOKEN, base_url=telegram_url)

        sending = asyncio.create_task(replace(talk, telegram=replace(talk.telegram, bot=bot)).send())
        await bot.has_sent.wait()
        sending.cancel()
        await asyncio.sleep(0)
        bot.may_answer.set()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await bot.close()

        assert talk.states() == ["sent", "sent", "queued"]


class TestClient:
    """The calls themselves."""

    @pytest.fixture
    async def bot(self, talk: Talk, telegram_url: str) -> AsyncIterator[TelegramBot]:
        """Return a bot that waits longer than a busy machine takes."""
        bot = TelegramBot(TOKEN, base_url=telegram_url, timeout_s=60.0)
        yield bot
        await bot.close()

    async def test_says_who_it_is(self, bot: TelegramBot) -> None:
        """Its number is the first part of its token."""
        me = await bot.get_me()

        assert (me.id, me.username, bot.id) == (BOT_ID, "standin_4711_bot", BOT_ID)

    async def test_sets_the_whole_webhook(self, bot: TelegramBot, talk: Talk) -> None:
        """Every field is sent: what is left out, Telegram clears or resets."""
        await bot.set_webhook(Webhook(url="http://127.0.0.1:1/hook", secret=SECRET))
        info = await bot.get_webhook_info()
        sent = (await talk.standin.get("requests", params={"path": "setWebhook"})).json()["requests"][0]

        assert (info.url, info.pending, info.allowed_updates) == ("http://127.0.0.1:1/hook", 0, ("message",))
        assert {"url", "secret_token", "allowed_updates", "max_connections", "drop_pending_updates"} <= set(
            str(sent).replace("'", " ").split()
        )

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ({"name": "flood", "retry_after": 33}, FloodError),
            ({"name": "blocked"}, BlockedError),
            ({"name": "unparsed"}, BadRequestError),
            ({"name": "unauthorized"}, TokenRefusedError),
            ({"name": "server-error"}, TransientError),
            ({"name": "bad-gateway"}, OutcomeUnknownError),
            ({"name": "html"}, OutcomeUnknownError),
            ({"name": "drop"}, OutcomeUnknownError),
            ({"name": "lost-reply"}, OutcomeUnknownError),
            ({"name": "cut-short"}, OutcomeUnknownError),
            ({"name": "too-large"}, OutcomeUnknownError),
            ({"name": "deep-nesting"}, OutcomeUnknownError),
            ({"name": "wrong-encoding"}, OutcomeUnknownError),
            ({"name": "empty-body"}, OutcomeUnknownError),
            ({"name": "body", "body": '{"ok": true, "result": {"message_id": "7"}}'}, OutcomeUnknownError),
            ({"name": "body", "body": '{"ok": 1}'}, OutcomeUnknownError),
            ({"name": "body", "status": 429, "body": "slow down"}, FloodError),
            ({"name": "body", "status": 401, "body": "{}"}, TokenRefusedError),
        ],
        ids=lambda each: each.get("name") if isinstance(each, dict) else None,
    )
    async def test_every_failure_has_its_kind(
        self, bot: TelegramBot, talk: Talk, fault: dict[str, object], error: type[TelegramError]
    ) -> None:
        """What went wrong says whether it was sent, and whether to try again; the token is nowhere."""
        await talk.arrange("faults", **fault)

        with pytest.raises(error) as failed:
            await bot.send_message(ADA, "hi")

        assert type(failed.value) is error
        assert TOKEN not in "".join(traceback.format_exception(failed.value)) + repr(failed.value)
        assert getattr(failed.value, "retry_after_s", 33) in {33, 5}
        assert getattr(failed.value, "is_parse", True)

    async def test_a_late_answer_leaves_the_outcome_unknown(self, talk: Talk, telegram_url: str) -> None:
        """Who did not wait for the answer cannot know what became of it."""
        await talk.arrange("faults", name="slow", seconds=60)
        bot = TelegramBot(TOKEN, base_url=telegram_url, timeout_s=0.3)

        with pytest.raises(OutcomeUnknownError) as failed:
            await bot.send_message(ADA, "hi")

        assert TOKEN not in "".join(traceback.format_exception(failed.value)) + repr(failed.value)
        await bot.close()

    async def test_nobody_there_is_surely_not_sent(self) -> None:
        """A call that found no server had no effect."""
        bot = TelegramBot(TOKEN, base_url="http://127.0.0.1:1")

        with pytest.raises(TransientError) as failed:
            await bot.send_message(ADA, "hi")

        assert TOKEN not in "".join(traceback.format_exception(failed.value))
        await bot.close()

    async def test_the_token_is_in_no_log_and_no_metric(
        self,
        talk: Talk,
        bot_environment: Environment,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        """At the most talkative level, libraries included, in good times and bad ones."""
        caplog.set_level(logging.DEBUG)
        registry = CollectorRegistry()
        telegram = open_door(bot_environment, registry)
        assert telegram is not None
        await talk.link()
        await talk.say("milk")
        for name in ("unauthorized", "drop", "html"):
            await talk.arrange("faults", name=name, times=1)
            with pytest.raises(TelegramError):
                await telegram.bot.get_me()
        await telegram.bot.close()

        shown = caplog.text + "".join(capfd.readouterr()) + generate_latest(registry).decode()
        shown += (await talk.client.get("/metrics")).text + repr(telegram)
        assert "telegram" in shown
        assert TOKEN not in shown
        assert TOKEN.partition(":")[2] not in shown
