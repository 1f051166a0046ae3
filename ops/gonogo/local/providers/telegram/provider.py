"""Telegram as a whole: which bot asks for what, and what a test may arrange."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from typing import Any

from starlette.responses import Response

from gonogo.local.providers import wire
from gonogo.local.providers.faults import Fault, always, table
from gonogo.local.providers.standin import Action
from gonogo.local.providers.telegram import failures, methods
from gonogo.local.providers.telegram.bots import Bot, message, new_bot
from gonogo.local.providers.telegram.delivery import Delivery, Parcel
from gonogo.local.providers.telegram.failures import Failed
from gonogo.local.providers.telegram.flood import Settings
from gonogo.local.providers.wire import Came

_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)")
_TOKEN = re.compile(r"\d{1,15}:[A-Za-z0-9_-]+")
_FIRST_ATTEMPT_S = 15.0
_AFFECTS_DELIVERY = frozenset(("setwebhook", "deletewebhook"))


def _failed(failed: Failed) -> Response:
    return wire.answer(failed.form, failed.status)


def _flood(settings: Mapping[str, Any]) -> Response:
    return _failed(failures.too_many(int(settings.get("retry_after", 1))))


def _server_error(settings: Mapping[str, Any]) -> Response:
    return _failed(Failed(int(settings.get("status", 500)), "Internal Server Error"))


FAULTS = table(
    Fault(
        name="flood",
        summary="answers 429",
        behave=always(_flood),
        settings={"retry_after": "seconds, in parameters (1)"},
    ),
    Fault(
        name="server-error",
        summary="answers 500 in Telegram's form",
        behave=always(_server_error),
        settings={"status": "another status"},
    ),
    Fault(
        name="blocked",
        summary="answers 403, as when somebody has blocked the bot",
        behave=always(lambda _: _failed(failures.forbidden("bot was blocked by the user"))),
    ),
    Fault(name="unauthorized", summary="answers 401", behave=always(lambda _: _failed(failures.unauthorized()))),
    Fault(
        name="unparsed",
        summary="answers 400: can't parse entities",
        behave=always(lambda _: _failed(failures.bad_request("can't parse entities: Unsupported start tag"))),
    ),
)


class Telegram:
    """Telegram. Every well-formed token is a bot's, which is there when it is first used."""

    name = "telegram"
    faults: Mapping[str, Fault] = FAULTS

    def __init__(self) -> None:
        """Start without a bot."""
        self._deliveries: dict[int, Delivery] = {}
        self.reset()

    def reset(self) -> None:
        """Forget every bot and setting; nothing more is delivered."""
        for delivery in self._deliveries.values():
            delivery.abandon()
        self._deliveries = {}
        self._bots: dict[str, Bot] = {}
        self._revoked: set[str] = set()
        self._settings = Settings()

    async def answer(self, came: Came) -> Response:
        """Answer a request."""
        try:
            return self._answer(came)
        except Failed as failed:
            return _failed(failed)

    def state(self) -> Any:  # JSON
        """Return every bot, without its secrets."""
        bots = [
            {**bot.user(), "webhook": bot.info(), "has_secret": bool(bot.webhook.secret), "messages": len(bot.messages)}
            for bot in self._bots.values()
        ]
        return {"bots": bots, "settings": asdict(self._settings)}

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return what a test may arrange."""
        return {
            ("POST", "settings"): self._set,
            ("POST", "updates"): self._update,
            ("GET", "messages"): self._messages,
            ("POST", "chats"): self._set_chat,
            ("POST", "bots"): self._set_bot,
            ("POST", "revoke"): self._revoke,
        }

    def _answer(self, came: Came) -> Response:
        found = _PATH.fullmatch(came.path)
        if found is None:
            raise Failed(404, "Not Found")
        bot, name = self._bot(found[1]), found[2].lower()
        method = methods.TABLE.get(name)
        if method is None:
            raise failures.no_such_method()
        result, description = method(bot, {**came.query, **came.fields})
        if name in _AFFECTS_DELIVERY:
            self._delivery(bot).restart()
        shown = {"description": description} if description else {}
        return wire.answer({"ok": True, "result": result, **shown})

    def _bot(self, token: str) -> Bot:
        if not _TOKEN.fullmatch(token):
            raise failures.malformed_token()
        if token in self._revoked:
            raise failures.unauthorized()
        if token not in self._bots:
            self._bots[token] = new_bot(token, self._settings)
        return self._bots[token]

    def _delivery(self, bot: Bot) -> Delivery:
        if bot.id not in self._deliveries:
            self._deliveries[bot.id] = Delivery(bot, methods.as_answer)
        return self._deliveries[bot.id]

    def _meant(self, given: Mapping[str, Any]) -> Bot:
        """Return the bot that a test means: by its token, else the one that has a webhook, else the only one."""
        if given.get("token"):
            return self._bot(str(given["token"]))
        bots = [bot for bot in self._bots.values() if bot.webhook.url] or list(self._bots.values())
        if len(bots) != 1:
            raise LookupError(f"there are {len(bots)} bots: say which, with its token")
        return bots[0]

    async def _update(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Let something happen: an `update`, or a `text` in a `chat_id`.

        `duplicates` sends it that many more times; `wait: false` does not wait for the first attempt.
        """
        bot = self._meant(given)
        made = message(dict(given), bot) if "text" in given else dict(given.get("update") or given)
        update = bot.numbered(
            {name: value for name, value in made.items() if name not in {"token", "duplicates", "wait"}}
        )
        if not bot.webhook.wants(update):
            return {"update_id": update["update_id"], "wanted": False, "outcomes": []}
        parcel = Parcel(update=update, copies=int(given.get("duplicates", 0)))
        self._delivery(bot).post(parcel)
        if bot.webhook.url and given.get("wait", True):
            with suppress(TimeoutError):
                await asyncio.wait_for(parcel.tried.wait(), _FIRST_ATTEMPT_S)
        return {"update_id": update["update_id"], "wanted": True, "outcomes": list(parcel.outcomes), "update": update}

    def _messages(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Return what bots sent, oldest first; of one `chat_id`, where one is given."""
        chat = given.get("chat_id")
        found = [each for bot in self._bots.values() for each in bot.messages]
        return {"messages": [each for each in found if chat in {None, str(each["chat_id"])}]}

    def _set_chat(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Make a chat odd: `state` is blocked, deactivated, kicked, missing, migrated (with `to`) or ok."""
        self._meant(given).chats[str(given["chat_id"])] = {"state": given["state"], "to": given.get("to", 0)}
        return {}

    def _set_bot(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Set a bot up: `token`, and `username`, where the default will not do."""
        bot = self._bot(str(given["token"]))
        bot.username = str(given.get("username", bot.username))
        return bot.user()

    def _revoke(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Make a token worthless; the bot goes on under `replaced_by`, where one is given."""
        token = str(given["token"])
        bot = self._bot(token)
        self._revoked.add(token)
        del self._bots[token]
        if replacement := given.get("replaced_by"):
            self._bots[str(replacement)] = bot
        return {}

    def _set(self, given: Mapping[str, Any]) -> Any:  # JSON
        known = {each.name for each in fields(Settings)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"no such setting: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
        for name, value in given.items():
            setattr(self._settings, name, float(json.loads(str(value))))
        return asdict(self._settings)
