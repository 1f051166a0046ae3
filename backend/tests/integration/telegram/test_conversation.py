"""What is said leads to one effect and one reply, in the order in which it was said."""

import asyncio
from typing import Any

import pytest

from backend.features.telegram import messages
from backend.jobs.records import RetryJobError
from backend.tests.integration.telegram.talk import ADA, BOT_ID, Talk, deliver, update_of
from backend.tests.integration.world import Rows

IGNORED: list[tuple[str, dict[str, Any], str]] = [
    ("edited", {"edited_message": update_of("x")["message"]}, "ignored: edited_message"),
    ("sticker", {"message": {**update_of("x")["message"], "text": None, "sticker": {}}}, "ignored: no text"),
    ("blank", {"message": update_of("  \n")["message"]}, "ignored: no text"),
    ("group", {"message": update_of("x", chat={"id": -5, "type": "group"})["message"]}, "ignored: not private"),
    ("channel", {"channel_post": {"chat": {"id": -5, "type": "channel"}}}, "ignored: channel_post"),
    ("a bot", {"message": update_of("x", **{"from": {"id": ADA, "is_bot": True}})["message"]}, "ignored: nobody"),
    ("nobody", {"message": update_of("x", **{"from": None})["message"]}, "ignored: nobody"),
    ("odd", {"message": {"chat": 5}}, "ignored: odd message"),
    ("new", {"brand_new_thing": {}}, "ignored: unknown"),
]


class TestModes:
    """What a message is."""

    async def test_captures(self, talk: Talk) -> None:
        """A plain message is a thought, and the reply says what was found."""
        await talk.link()

        assert await talk.say("buy milk") == ["Noted: buy milk\n• task: buy milk"]
        assert list(talk.memory.captured.values()) == ["buy milk"]
        assert all(key.startswith(f"telegram:{BOT_ID}:") for key in talk.memory.captured)

    async def test_captures_what_is_written_below_a_picture(self, talk: Talk) -> None:
        """A caption is a thought."""
        await talk.link()

        assert await talk.hand_in(update_of("", text=None, caption="receipt", photo=[{}])) == [
            "Noted: receipt\n• task: receipt"
        ]

    async def test_asks(self, talk: Talk) -> None:
        """A question mark in front, or a command, asks."""
        await talk.link()

        assert await talk.say("? when is the dentist") == ["It is on Friday."]
        assert await talk.say("/ask when is the dentist") == ["It is on Friday."]
        assert talk.memory.asked == ["when is the dentist"] * 2

    async def test_mode_changes_what_a_message_is(self, talk: Talk) -> None:
        """In query mode it is a question, and one thought is still possible."""
        await talk.link()

        assert await talk.say("/mode query") == [messages.MODES["query"]]
        assert await talk.say("when is it") == ["It is on Friday."]
        assert await talk.say("/capture buy milk") == ["Noted: buy milk\n• task: buy milk"]
        assert await talk.say("/capture") == [messages.MODES["capture"]]
        assert await talk.say("bread") == ["Noted: bread\n• task: bread"]

    async def test_plans_helps_and_says_what_it_does_not_know(self, talk: Talk) -> None:
        """The rest of the commands."""
        await talk.link()

        assert await talk.say("/plan") == ["Today\n• call Bob"]
        assert await talk.say("/help") == [messages.HELP]
        assert await talk.say("/mode upside down") == [messages.WHICH_MODE]
        assert await talk.say("/frobnicate") == [messages.UNKNOWN_COMMAND]
        assert await talk.say("/unlink") == [messages.UNLINKED]
        assert await talk.say("buy milk") == []

    @pytest.mark.parametrize(("name", "update", "outcome"), IGNORED, ids=[each[0] for each in IGNORED])
    async def test_the_rest_is_ignored(self, talk: Talk, name: str, update: dict[str, Any], outcome: str) -> None:
        """With an outcome, without a reply."""
        await talk.link()

        assert await talk.hand_in({"update_id": 5, **update}) == []
        assert talk.outcome(5) == outcome
        assert talk.memory.captured == {}


class TestOnce:
    """Nothing happens twice, nothing gets lost."""

    async def test_a_second_run_does_nothing(self, talk: Talk) -> None:
        """A job that is run again finds its update worked off."""
        await talk.link()
        update = update_of("buy milk")
        await talk.hand_in(update)
        before = await talk.heard()

        await talk.work_off(update["update_id"])
        await talk.send()

        assert await talk.heard() == before

    async def test_death_after_the_capture_is_one_thought_and_one_reply(self, talk: Talk, rows: Rows) -> None:
        """The effect outside is found again by its key; the reply is committed together with the update's end."""
        await talk.link()
        update = update_of("buy milk")
        await deliver(talk.client, update)
        rows.change("ALTER TABLE telegram_messages ADD CONSTRAINT none_more CHECK (created_at < now()) NOT VALID")
        with pytest.raises(RetryJobError):
            await talk.work_off(update["update_id"])
        rows.change("ALTER TABLE telegram_messages DROP CONSTRAINT none_more")
        assert talk.outcome(update["update_id"]) is None

        await talk.work_off(update["update_id"])
        await talk.send()

        assert len(talk.memory.captured) == 1
        assert (await talk.heard())[1:] == ["Noted: buy milk\n• task: buy milk"]

    async def test_what_always_fails_is_given_up(self, talk: Talk) -> None:
        """After three failures it is left, with an apology, and the next one has its turn."""
        await talk.link()
        poison, after = update_of("poison"), update_of("buy milk")
        talk.memory.cannot = "poison"
        for update in (poison, after):
            await deliver(talk.client, update)
        for _ in range(2):
            with pytest.raises(RetryJobError, match="ValueError"):
                await talk.work_off(after["update_id"])
        await talk.work_off(after["update_id"])
        await talk.send()

        assert (talk.outcome(poison["update_id"]), talk.outcome(after["update_id"])) == ("failed", "captured")
        assert (await talk.heard())[1:] == [messages.FAILED, "Noted: buy milk\n• task: buy milk"]

    async def test_a_chat_keeps_its_order(self, talk: Talk) -> None:
        """Whichever job runs first, a change of mode counts for what was said after it, not before."""
        await talk.link()
        updates = [update_of(text) for text in ("milk", "/mode query", "when")]
        for update in updates:
            await deliver(talk.client, update)

        await talk.work_off(updates[-1]["update_id"])
        await talk.send()

        assert (await talk.heard())[1:] == ["Noted: milk\n• task: milk", messages.MODES["query"], "It is on Friday."]

    async def test_another_worker_waits(self, talk: Talk) -> None:
        """A chat is one worker's at a time; the other comes back, and finds it done."""
        await talk.link()
        update = update_of("buy milk")
        await deliver(talk.client, update)
        talk.memory.begun.clear()
        talk.memory.pause_s = 0.2

        first = asyncio.create_task(talk.work_off(update["update_id"]))
        await talk.memory.begun.wait()
        with pytest.raises(RetryJobError, match="another worker"):
            await talk.work_off(update["update_id"])
        await first

        assert talk.outcome(update["update_id"]) == "captured"
