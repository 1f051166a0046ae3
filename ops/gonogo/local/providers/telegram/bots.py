"""A bot: its webhook, what waits for it, what it has sent."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from gonogo.local.providers.telegram.flood import Flood, Settings

Update = dict[str, Any]
_NOT_BY_DEFAULT = frozenset(("chat_member", "message_reaction", "message_reaction_count"))
DEFAULT_CONNECTIONS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Where updates go.

    Attributes:
        secret: shown with each delivery; never shown to anybody else.
        allowed: kinds of updates; empty is the default.
    """

    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] = ()
    max_connections: int = DEFAULT_CONNECTIONS
    has_certificate: bool = False
    ip_address: str = ""

    def wants(self, update: Update) -> bool:
        """Return whether an update is of a kind that is asked for."""
        kinds = set(update) - {"update_id"}
        return bool(kinds & set(self.allowed)) if self.allowed else not kinds & _NOT_BY_DEFAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """The last delivery that failed.

    Attributes:
        at: seconds since the epoch.
    """

    at: int
    message: str


@dataclass(slots=True)
class Bot:
    """A bot.

    Attributes:
        pending: updates that have not been delivered, oldest first.
        messages: what it sent, oldest first.
        chats: what is odd about a chat, by its id.
    """

    id: int
    flood: Flood
    username: str = ""
    webhook: Webhook = field(default_factory=Webhook)
    webhook_set_at: float = float("-inf")
    last_error: Fault | None = None
    pending: list[Update] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)
    commands: list[Any] = field(default_factory=list)
    next_update: int = field(default_factory=lambda: random.randint(10**8, 9 * 10**8))  # noqa: S311  # as Telegram
    next_message: int = 1

    def numbered(self, update: Update) -> Update:
        """Return an update with a number of its own, where it has none."""
        if "update_id" in update:
            return update
        self.next_update += 1
        return {"update_id": self.next_update, **update}

    def message_id(self) -> int:
        """Return the next message's number."""
        self.next_message += 1
        return self.next_message

    def user(self) -> dict[str, Any]:
        """Return the bot as getMe shows it."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": "Stand-in",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def info(self) -> dict[str, Any]:
        """Return what getWebhookInfo shows; never the secret."""
        hook = self.webhook
        shown: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": hook.has_certificate,
            "pending_update_count": len(self.pending),
        }
        if hook.url:
            shown |= {"max_connections": hook.max_connections, "ip_address": hook.ip_address or "127.0.0.1"}
        if self.last_error:
            shown |= {"last_error_date": self.last_error.at, "last_error_message": self.last_error.message}
        return {**shown, "allowed_updates": list(hook.allowed)} if hook.allowed else shown


def new_bot(token: str, settings: Settings) -> Bot:
    """Return the bot of a token."""
    number = int(token.partition(":")[0])
    return Bot(id=number, flood=Flood(settings), username=f"standin_{number}_bot")


def message(given: dict[str, Any], bot: Bot) -> Update:
    """Return an update in which somebody says something.

    Args:
        given: `chat_id` and `text`; `from_id`, `chat_type`, `username` and `date`, where the defaults will not do.
        bot: who hears it.
    """
    chat_id, kind = int(given["chat_id"]), str(given.get("chat_type", "private"))
    name = str(given.get("username", f"user{abs(chat_id)}"))
    sender = {"id": int(given.get("from_id", chat_id)), "is_bot": False, "first_name": name, "language_code": "en"}
    said: dict[str, Any] = {
        "message_id": bot.message_id(),
        "from": {**sender, "username": name},
        "chat": {"id": chat_id, "type": kind, **({"first_name": name} if kind == "private" else {"title": name})},
        "date": int(given.get("date", time.time())),
        "text": str(given["text"]),
    }
    if said["text"].startswith("/"):
        length = len(said["text"].split()[0])
        said["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return {"message": said}
