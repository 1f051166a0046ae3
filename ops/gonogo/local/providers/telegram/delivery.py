"""Updates on their way to a webhook: in order for each chat, again and again until they arrive."""

import asyncio
import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from gonogo.local.http import AsyncClient, HTTPError, Response
from gonogo.local.providers.telegram import webhooks
from gonogo.local.providers.telegram.bots import Bot, Fault, Update

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name
_READ_S = 60.0
_EXPIRES_S = 24 * 3600
_FIRST_PAUSE_S = 2.0
_CEILING_S = (60.0, 120.0)
_WAIT_MAX_S = 3600.0
_GONE_S = 23 * 3600
_REACHED = range(200, 300)

Execute = Callable[[Bot, str, Mapping[str, Any]], object]


@dataclass(slots=True)
class Parcel:
    """An update on its way.

    Attributes:
        copies: how many more times it goes out after it has arrived, as when an answer is lost.
        outcomes: the status of each attempt, or why there is none.
        tried: set when it went out as often as it was to, or failed once.
    """

    update: Update
    copies: int = 0
    outcomes: list[int | str] = field(default_factory=list)
    tried: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def chat(self) -> str:
        """Return whose queue it stands in."""
        for part in self.update.values():
            if isinstance(part, dict):
                of = part.get("chat") or part.get("from") or {}
                return str(of.get("id", ""))
        return ""

    def expired(self) -> bool:
        """Return whether a day has passed since what it tells of."""
        dates = [part["date"] for part in self.update.values() if isinstance(part, dict) and "date" in part]
        return bool(dates) and time.time() - float(dates[0]) > _EXPIRES_S


class Delivery:
    """The deliveries of one bot."""

    def __init__(self, bot: Bot, execute: Execute) -> None:
        """Take the bot, and what carries out a method that an answer names."""
        self._bot = bot
        self._execute = execute
        self._queues: dict[str, list[Parcel]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._gone_since: float | None = None

    def post(self, parcel: Parcel) -> None:
        """Put an update at the end of its chat's queue."""
        self._bot.pending.append(parcel.update)
        self._queues.setdefault(parcel.chat, []).append(parcel)
        self.go_on()

    def go_on(self) -> None:
        """Deliver what waits, when there is somewhere to deliver it to."""
        for chat, queue in self._queues.items():
            task = self._tasks.get(chat)
            if queue and self._bot.webhook.url and (task is None or task.done()):
                self._tasks[chat] = asyncio.ensure_future(self._drain(queue))

    def restart(self) -> None:
        """Begin again with what waits: the webhook is another one now, or the queue was dropped."""
        self.stop()
        for queue in self._queues.values():
            queue[:] = [parcel for parcel in queue if parcel.update in self._bot.pending]
        self.go_on()

    def stop(self) -> None:
        """Deliver nothing more."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    def abandon(self) -> None:
        """Deliver nothing more, and let go whoever waits for an attempt."""
        self.stop()
        for queue in self._queues.values():
            for parcel in queue:
                parcel.tried.set()

    async def _drain(self, queue: list[Parcel]) -> None:
        while queue and self._bot.webhook.url:
            parcel = queue[0]
            if not parcel.expired():
                await self._until_arrived(parcel)
            if not self._bot.webhook.url:
                return
            queue.remove(parcel)
            self._bot.pending.remove(parcel.update)
            parcel.tried.set()

    async def _until_arrived(self, parcel: Parcel) -> None:
        pause, ceiling = 0.0, random.uniform(*_CEILING_S)  # noqa: S311  # spreads load, no secret
        while self._bot.webhook.url and not parcel.expired():
            wait = await self._attempt(parcel)
            if wait is None and parcel.copies == 0:
                return
            if wait is None:
                parcel.copies -= 1
                continue
            parcel.tried.set()
            await asyncio.sleep(max(pause, wait) * self._bot.flood.settings.time_scale)
            pause = min(max(_FIRST_PAUSE_S, pause * 2), ceiling)

    async def _attempt(self, parcel: Parcel) -> float | None:
        """Send an update once; return None when it arrived, else how long the other side asks to wait."""
        try:
            response = await _send(self._bot, parcel.update)
        except HTTPError as error:
            parcel.outcomes.append(type(error).__name__)
            self._failed("Connection timed out" if "Timeout" in type(error).__name__ else "Connection refused")
            return 0.0
        parcel.outcomes.append(response.status_code)
        if response.status_code in _REACHED:
            self._gone_since = None
            self._answered(response)
            return None
        self._refused(response.status_code)
        return _asked_to_wait(response)

    def _answered(self, response: Response) -> None:
        """Carry out the method that an answer may name; nobody is told what comes of it."""
        try:
            body = json.loads(response.content or b"null")
        except (ValueError, RecursionError):
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            self._execute(self._bot, body["method"], body)

    def _refused(self, status: int) -> None:
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
        self._failed(f"Wrong response from the webhook: {status} {phrase}".strip())
        if status != HTTPStatus.GONE:
            self._gone_since = None
            return
        self._gone_since = self._gone_since or time.monotonic()
        if time.monotonic() - self._gone_since >= _GONE_S * self._bot.flood.settings.time_scale:
            webhooks.remove(self._bot, {})

    def _failed(self, why: str) -> None:
        self._bot.last_error = Fault(at=int(time.time()), message=why)


async def _send(bot: Bot, update: Update) -> Response:
    hook = bot.webhook
    if not webhooks.on_loopback(hook.url):
        raise HTTPError("nothing outside is asked")
    headers = {_SECRET_HEADER: hook.secret} if hook.secret else {}
    # A context that trusts nobody is made ten times as fast, and loopback needs none.
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with AsyncClient(timeout=_READ_S, trust_env=False, verify=plain, follow_redirects=False) as client:
        return await client.post(hook.url, json=update, headers=headers)


def _asked_to_wait(response: Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(_WAIT_MAX_S, float(text)) if text.isdecimal() else 0.0
