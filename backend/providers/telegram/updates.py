"""What Telegram sends us, read without trust: an update that cannot be used must not stand in the way of the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_ID_MAX = 2**63 - 1
_OTHER_KINDS = (
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
)
PRIVATE = "private"


class MalformedUpdateError(Exception):
    """It is no JSON object with an update_id; it cannot even be told from others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message that somebody has sent to the bot.

    Attributes:
        chat_id: Where to answer.
        chat_type: private, group, supergroup or channel.
        user_id: Who wrote it; None when Telegram does not say.
        is_bot: Whether a bot wrote it.
        text: What it says, or what is written below a picture; empty when it says nothing.
    """

    chat_id: int
    chat_type: str
    user_id: int | None
    is_bot: bool
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """One update.

    Attributes:
        update_id: Its number; below zero for tests of the address.
        kind: message, the name of another kind, or unknown.
        message: The message; None when it is of another kind or form.
    """

    update_id: int
    kind: str
    message: Message | None


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


_Id = Annotated[int, Field(ge=-_ID_MAX - 1, le=_ID_MAX)]


class _Chat(_Form):
    id: _Id
    type: str


class _User(_Form):
    id: _Id
    is_bot: bool = False


class _Message(_Form):
    chat: _Chat
    sender: _User | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None


def read(body: bytes) -> Update:
    """Return what an update says.

    Args:
        body: What was sent.

    Raises:
        MalformedUpdateError: It has no number of 64 bits.
    """
    update = _object(body)
    number = update.get("update_id")
    if isinstance(number, bool) or not isinstance(number, int) or not -_ID_MAX <= number <= _ID_MAX:
        raise MalformedUpdateError
    return Update(update_id=number, kind=_kind(update), message=_message(update.get("message")))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedUpdateError from None
    if not isinstance(update, dict):
        raise MalformedUpdateError
    return update


def _kind(update: Mapping[str, Any]) -> str:
    return next((kind for kind in ("message", *_OTHER_KINDS) if kind in update), "unknown")


def _message(found: object) -> Message | None:
    try:
        message = _Message.model_validate(found)
    except ValidationError:
        return None
    return Message(
        chat_id=message.chat.id,
        chat_type=message.chat.type,
        user_id=message.sender.id if message.sender else None,
        is_bot=message.sender is not None and message.sender.is_bot,
        text=_storable(message.text or message.caption or ""),
    )


def _storable(text: str) -> str:
    # Postgres holds neither U+0000 nor half of a surrogate pair.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "").strip()
