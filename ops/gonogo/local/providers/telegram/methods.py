"""The Bot API's methods."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from gonogo.local.providers.telegram import texts, webhooks
from gonogo.local.providers.telegram.bots import Bot
from gonogo.local.providers.telegram.failures import Failed, bad_request, forbidden

_STATES: Mapping[str, Failed] = {
    "blocked": forbidden("bot was blocked by the user"),
    "deactivated": forbidden("user is deactivated"),
    "kicked": forbidden("bot was kicked from the group chat"),
    "missing": bad_request("chat not found"),
}
_CALLBACK_MAX = 200
_UPDATES_MAX = 100

Given = Mapping[str, Any]
# What a method answers: its result, and a description where it has one.
Answered = tuple[Any, str]
Method = Callable[[Bot, Given], Answered]


def _get_me(bot: Bot, _: Given) -> Answered:
    return bot.user(), ""


def _set_webhook(bot: Bot, given: Given) -> Answered:
    return True, webhooks.put(bot, given)


def _delete_webhook(bot: Bot, given: Given) -> Answered:
    return True, webhooks.remove(bot, given)


def _get_webhook_info(bot: Bot, _: Given) -> Answered:
    return bot.info(), ""


def _get_updates(bot: Bot, given: Given) -> Answered:
    if bot.webhook.url:
        why = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise Failed(409, f"Conflict: {why}")
    if offset := int(given.get("offset") or 0):
        bot.pending[:] = [update for update in bot.pending if update["update_id"] >= offset]
    return bot.pending[: int(given.get("limit") or _UPDATES_MAX)], ""


def _send_message(bot: Bot, given: Given) -> Answered:
    chat = _chat(bot, given.get("chat_id"))
    text = _text(given)
    bot.flood.spend(chat)
    kept = {
        "message_id": bot.message_id(),
        "chat_id": chat,
        "text": text,
        "sent_text": given.get("text"),
        "parse_mode": given.get("parse_mode"),
        "date": int(time.time()),
        "given": dict(given),
    }
    bot.messages.append(kept)
    kind = "private" if isinstance(chat, int) and chat > 0 else "group"
    shown = {"from": bot.user(), "chat": {"id": chat, "type": kind}, "text": text}
    return {"message_id": kept["message_id"], "date": kept["date"], **shown}, ""


def _send_chat_action(bot: Bot, given: Given) -> Answered:
    _chat(bot, given.get("chat_id"))
    if not given.get("action"):
        raise bad_request("wrong parameter action in request")
    return True, ""


def _answer_callback_query(_: Bot, given: Given) -> Answered:
    if not given.get("callback_query_id"):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(str(given.get("text") or "")) > _CALLBACK_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    return True, ""


def _set_my_commands(bot: Bot, given: Given) -> Answered:
    commands = given.get("commands") or []
    bot.commands = json.loads(commands) if isinstance(commands, str) else list(commands)
    return True, ""


def _get_my_commands(bot: Bot, _: Given) -> Answered:
    return bot.commands, ""


def _chat(bot: Bot, given: Any) -> int | str:  # JSON
    """Return a chat that may be written to."""
    text = str(given if given is not None else "")
    if not text:
        raise bad_request("chat_id is empty")
    odd = bot.chats.get(text, {})
    if odd.get("state") == "migrated":
        raise Failed(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=int(odd.get("to", -1_000_000_000_001)),
        )
    if failed := _STATES.get(str(odd.get("state"))):
        raise failed
    if text.startswith("@"):
        return text
    try:
        return int(text)
    except ValueError:
        raise bad_request("chat not found") from None


def _text(given: Given) -> str:
    """Return what a message says, without its entities' marks."""
    text = given.get("text")
    if not isinstance(text, str) or not text:
        raise bad_request("message text is empty")
    said = texts.plain(text, str(given.get("parse_mode") or ""))
    if not said.strip():
        raise bad_request("message text is empty")
    if texts.units(said) > texts.TEXT_MAX:
        raise bad_request("message is too long")
    return said


TABLE: Mapping[str, Method] = {
    "getme": _get_me,
    "setwebhook": _set_webhook,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _get_webhook_info,
    "getupdates": _get_updates,
    "sendmessage": _send_message,
    "sendchataction": _send_chat_action,
    "answercallbackquery": _answer_callback_query,
    "setmycommands": _set_my_commands,
    "getmycommands": _get_my_commands,
}
# Not carried out when the answer to a delivery names them.
_NOT_AS_ANSWER = frozenset(("setwebhook", "deletewebhook", "close", "logout"))


def as_answer(bot: Bot, name: str, given: Given) -> None:
    """Carry out the method that an answer to a delivery names."""
    key = name.lower()
    method = TABLE.get(key)
    if method is None or key.startswith("get") or key in _NOT_AS_ANSWER:
        return
    try:
        method(bot, given)
    except Failed:
        return
