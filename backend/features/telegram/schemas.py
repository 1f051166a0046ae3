"""What comes in and goes out about Telegram."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["capture", "query"]


class ModeIn(BaseModel):
    """What a plain message in the chat shall be."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    mode: Mode


class TelegramLinkV1(BaseModel):
    """The contract telegram-link.v1: open the address on the device with Telegram, and press Start."""

    model_config = ConfigDict(frozen=True)

    contract: Literal["telegram-link.v1"] = "telegram-link.v1"
    url: str
    code: str = Field(description="Links once, until `expires_at`, unless another one is asked for.")
    expires_at: datetime


class TelegramFailure(BaseModel):
    """The last message that did not reach the chat."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    at: datetime
    detail: str


class TelegramStatusV1(BaseModel):
    """The contract telegram-status.v1: whether a chat is linked, and how it is."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["telegram-status.v1"] = "telegram-status.v1"
    state: Literal["not_configured", "not_linked", "linked", "blocked"] = Field(
        description="`not_configured`: this deployment has no bot. `blocked`: the chat is linked and refuses messages."
    )
    linked: bool
    blocked: bool
    mode: Mode | None = Field(default=None, description="What a plain message is; null unless linked.")
    linked_at: datetime | None = None
    bot_username: str | None = Field(default=None, description="Null without a bot, or while Telegram is not reached.")
    pending_messages: int = Field(default=0, ge=0, description="Replies that wait to be sent.")
    last_error: TelegramFailure | None = None
