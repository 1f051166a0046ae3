"""Somebody on Telegram, our webhook, and the stand-in, in one hand."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from backend.access.tokens import CurrentUser
from backend.db.unit_of_work import Database
from backend.features.telegram import delivery, inbox, service
from backend.features.telegram.conversation import Desk
from backend.features.telegram.delivery import Sender
from backend.features.telegram.messages import Abilities, AnswerText, CapturedSummary, PlanText
from backend.providers.telegram.door import Telegram
from backend.tests.integration.world import Rows

BOT_ID = 4711
TOKEN = f"{BOT_ID}:a-Secret_that-nobody-may-see"
OLD_SECRET = "old-secret-0815"
SECRET = "new-secret-4711"
ADA = 5_000_000_007
WEBHOOK = "/v1/integrations/telegram/webhook"
LINK = "/v1/integrations/telegram/link"
STATUS = "/v1/integrations/telegram/status"
_numbers = itertools.count(1_000)


def update_of(text: str, /, **fields: Any) -> dict[str, Any]:
    """Return an update in which somebody (`user_id`) says something in private; other fields are the message's."""
    user_id, update_id = fields.pop("user_id", ADA), fields.pop("update_id", None)
    said = {
        "message_id": 1,
        "date": 1_800_000_000,
        "chat": {"id": user_id, "type": "private"},
        "from": {"id": user_id, "is_bot": False, "first_name": "Ada"},
        "text": text,
    }
    return {"update_id": next(_numbers) if update_id is None else update_id, "message": {**said, **fields}}


async def deliver(client: httpx.AsyncClient, update: Any, *, secret: str | None = SECRET) -> httpx.Response:
    """Deliver an update as Telegram does; bytes go as they are."""
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    if isinstance(update, bytes):
        return await client.post(WEBHOOK, content=update, headers=headers)
    return await client.post(WEBHOOK, json=update, headers=headers)


@dataclass(kw_only=True, slots=True)
class Memory:
    """What can be done from a chat, kept in a list; capturing the same key again does nothing.

    Attributes:
        pause_s: How long a capture takes.
        cannot: A thought that cannot be captured.
    """

    captured: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answer: str = "It is on Friday."
    pause_s: float = 0.0
    cannot: str = ""
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def capture(self, twin_id: UUID, text: str, *, key: str) -> CapturedSummary:
        """Keep a thought."""
        self.begun.set()
        await asyncio.sleep(self.pause_s)
        if text == self.cannot:
            raise ValueError(text)
        self.captured.setdefault(key, text)
        return CapturedSummary(title=text, found=(f"task: {text}",))

    async def ask(self, twin_id: UUID, question: str, *, key: str) -> AnswerText:
        """Answer always the same."""
        self.asked.append(question)
        return AnswerText(text=self.answer)

    async def plan(self, twin_id: UUID) -> PlanText:
        """Plan always the same."""
        return PlanText(title="Today", items=("call Bob",))

    def abilities(self) -> Abilities:
        """Return what the feature is handed."""
        return Abilities(capture=self.capture, ask=self.ask, plan=self.plan)


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A talk with the bot: what is said goes through the webhook, and its jobs are run at once."""

    client: httpx.AsyncClient
    database: Database
    rows: Rows
    standin: httpx.AsyncClient
    telegram: Telegram
    memory: Memory
    user: CurrentUser

    async def say(self, text: str, /, **fields: Any) -> list[str]:
        """Say something, and return what is replied to it."""
        return await self.hand_in(update_of(text, **fields))

    async def hand_in(self, update: Mapping[str, Any]) -> list[str]:
        """Deliver an update, run its jobs, and return what is sent because of it."""
        response = await deliver(self.client, update)
        assert (response.status_code, response.content) == (200, b"")
        before = len(await self.heard())
        await self.work_off(update["update_id"])
        (chat_id,) = self.rows.one("SELECT chat_id FROM telegram_updates WHERE update_id = %s", update["update_id"])
        await self.send(chat_id=chat_id or ADA)
        return (await self.heard())[before:]

    async def work_off(self, update_id: int) -> None:
        """Run the job of an update."""
        desk = Desk(database=self.database, abilities=self.memory.abilities())
        async with self.database.unit_of_work() as connection:
            await inbox.work_off(desk, connection, bot_id=BOT_ID, update_id=update_id)

    async def send(self, *, chat_id: int = ADA, pace_s: float = 0.0) -> None:
        """Run the job that sends to a chat."""
        sender = Sender(database=self.database, telegram=self.telegram, pace_s=pace_s)
        async with self.database.unit_of_work() as connection:
            await delivery.work_off(sender, connection, chat_id=chat_id)

    async def heard(self) -> list[str]:
        """Return all that the bot has sent to anybody."""
        return [each["text"] for each in (await self.standin.get("messages")).json()["messages"]]

    async def calls(self, method: str) -> int:
        """Return how often a method was called."""
        count: int = (await self.standin.get("requests", params={"path": f"/{method}"})).json()["count"]
        return count

    async def arrange(self, endpoint: str, /, **given: Any) -> None:
        """Tell the stand-in how to be."""
        response = await self.standin.post(endpoint, json=given)
        assert response.is_success, response.text

    async def link(self, user_id: int = ADA) -> None:
        """Link somebody to the user, as the deep link does."""
        async with self.database.statement() as connection:
            made = await service.make_code(connection, self.user.user_id, twin_id=self.user.twin_id)
        assert "linked" in (await self.say(f"/start {made.code}", user_id=user_id))[0]

    def outcome(self, update_id: int) -> str | None:
        """Return what became of an update."""
        outcome: str | None = self.rows.one("SELECT outcome FROM telegram_updates WHERE update_id = %s", update_id)[0]
        return outcome

    def states(self) -> list[str]:
        """Return the states of all messages, in order."""
        sql = "SELECT coalesce(array_agg(state ORDER BY created_at, part), '{}') FROM telegram_messages"
        states: list[str] = self.rows.one(sql)[0]
        return states
