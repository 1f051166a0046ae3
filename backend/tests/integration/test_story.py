"""The whole story in one session, with each assistant: from a thought to an answer in a chat."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from pydantic import SecretStr

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests.integration.story import Json, Story, break_provider, settings_of, telling, times_asked
from backend.tests.integration.todoist_world import OWNER, There
from backend.tests.integration.world import issue_token

THOUGHTS = ("Water the ferns", "Buy milk", "Call the bank", "Pay the rent today")
DRIFT = {"remote_ahead": 1, "remote_completed": 1, "remote_deleted": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Assistant:
    """Who is asked, and what is said of that.

    Attributes:
        source: Who answers.
        reason: Why it was not the provider.
        settings: The service's.
        fault: How the provider is broken; empty is not at all.
        rent: The title of the task in the last thought.
    """

    source: str
    reason: str | None
    rent: str
    settings: Json = field(default_factory=dict)
    fault: str = ""

    def assert_answered(self, said: Json) -> None:
        """Fail unless an answer says who gave it, and why."""
        assert (said["source"], said["reason"]) == (self.source, self.reason)


_KEY = {"xai_api_key": SecretStr("xai-of-a-test")}
RULES = Assistant(source="fallback", reason="not configured", rent="Pay the rent")
PROVIDER = Assistant(source="provider", reason=None, rent="Pay the rent today", settings=_KEY)
BROKEN = Assistant(source="fallback", reason="unavailable", rent="Pay the rent", settings=_KEY, fault="html")


@pytest.mark.parametrize("assistant", [RULES, PROVIDER, BROKEN], ids=["rules", "provider", "broken-provider"])
async def test_a_day_with_the_assistant(  # noqa: PLR0917  # fixtures
    assistant: Assistant,
    environment: Environment,
    database: Database,
    xai_url: str,
    todoist_url: str,
    telegram_url: str,
) -> None:
    """Capture, ask, plan, sync, edits in Todoist, reconcile, link a chat, capture and ask there: all of it is seen."""
    todoist = There(url=todoist_url, token=uuid4().hex)
    todoist.control("accounts", token=todoist.token)
    if assistant.fault:
        break_provider(xai_url, assistant.fault)
    own = {**settings_of(todoist, telegram_url), **assistant.settings, "xai_base_url": f"{xai_url}/v1"}
    token = await issue_token(database, OWNER)

    async with telling(environment.model_copy(update=own), token, todoist=todoist) as story:
        await _captures(story, assistant)
        await _asks(story, assistant)
        await _plans(story, assistant)
        await _syncs(story, assistant)
        await _edits_and_reconciles(story, assistant)
        await _links(story)
        await _captures_and_asks_in_the_chat(story, assistant)

    assert (times_asked(xai_url) > 0) is bool(assistant.settings)


async def _captures(story: Story, assistant: Assistant) -> None:
    asked = (story.post("/v1/capture/thought", {"text": text}, status=201) for text in THOUGHTS)
    for said in await asyncio.gather(*asked):
        assistant.assert_answered(said)
        assert (said["contract"], len(said["tasks"])) == ("capture.v1", 1)
    assert await story.statuses() == dict.fromkeys((*THOUGHTS[:3], assistant.rent), "open")
    assert {each["text"] for each in (await story.get("/v1/thoughts"))["thoughts"]} == set(THOUGHTS)


async def _asks(story: Story, assistant: Assistant) -> None:
    said = await story.post("/v1/query/ask", {"question": "What about the ferns?"})

    assistant.assert_answered(said)
    assert (said["contract"], "Water the ferns" in said["answer"]) == ("query.v1", True)
    assert {each["kind"] for each in said["citations"]} == {"thought", "task"}
    assert all("Water the ferns" in each["excerpt"] for each in said["citations"])


async def _plans(story: Story, assistant: Assistant) -> None:
    before = await story.get("/v1/plan/get_today")
    await story.run("/v1/plan/refresh")

    after = await story.get("/v1/plan/get_today")
    assistant.assert_answered(after)
    assert (before["reason"], after["contract"]) == ("no plan yet", "plan.v1")
    assert {each["title"] for each in after["items"]} == {*THOUGHTS[:3], assistant.rent}
    assert {each["source"] for each in after["items"]} == {assistant.source}


async def _syncs(story: Story, assistant: Assistant) -> None:
    await story.run("/v1/sync/todoist")

    status = await story.get("/v1/sync/todoist/status")
    assert (status["state"], status["counts"]["linked"], status["errors"]) == ("idle", 4, [])
    assert status["last_sync"]["counts"]["pushed_created"] == 4
    assert story.todoist.open_titles() == sorted((*THOUGHTS[:3], assistant.rent))


async def _edits_and_reconciles(story: Story, assistant: Assistant) -> None:
    ids = {row["content"]: each for each, row in story.todoist.items().items()}
    story.todoist.update(ids["Buy milk"], content="Buy oat milk")
    story.todoist.do("item_close", {"id": ids["Call the bank"]})
    story.todoist.do("item_delete", {"id": ids[assistant.rent]})

    await story.run("/v1/sync/todoist/reconcile")

    run = (await story.get("/v1/sync/todoist/status"))["last_reconcile"]
    assert (run["state"], {kind: run["drift"].get(kind, 0) for kind in DRIFT}) == ("done", DRIFT)
    assert await story.statuses() == {"Water the ferns": "open", "Buy oat milk": "open", "Call the bank": "done"}
    assert await story.planned() == set(story.todoist.open_titles()) == {"Buy oat milk", "Water the ferns"}


async def _links(story: Story) -> None:
    await story.set_webhook()
    link = await story.post("/v1/integrations/telegram/link")

    assert link["url"].endswith(f"?start={link['code']}")
    assert "linked to your account" in await story.say(f"/start {link['code']}")
    assert (await story.get("/v1/integrations/telegram/status"))["state"] == "linked"


async def _captures_and_asks_in_the_chat(story: Story, assistant: Assistant) -> None:
    noted = await story.say("Email Bob the numbers")
    answered = await story.say("? What about the oat milk")
    await story.run("/v1/sync/todoist")

    assert noted.startswith("Noted: Email Bob the numbers")
    assert "task: Email Bob the numbers" in noted
    assert "Buy oat milk" in answered
    assert ("From:" in answered) is (assistant.source == "provider")
    kept = (await story.get("/v1/thoughts", limit=1))["thoughts"][0]
    assert kept["text"] == "Email Bob the numbers"
    assistant.assert_answered(kept)
    assert (await story.statuses())["Email Bob the numbers"] == "open"
    assert "Email Bob the numbers" in story.todoist.open_titles()
