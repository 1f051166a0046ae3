"""The records of a Telegram bot and its webhook, as Telegram and the service show them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class BotSeen:
    """A bot as Telegram knows it; `username` without the @."""

    id: int
    username: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookWish:
    """A whole webhook: what a call leaves out, Telegram clears or resets."""

    url: str
    secret: str
    allowed_updates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookSeen:
    """A webhook as Telegram shows it; the secret is never among it.

    Attributes:
        url: empty when there is none.
        pending: updates that wait to be delivered.
        allowed_updates: empty when it is Telegram's own choice.
        last_error_at: when a delivery last failed; a later success does not clear it.
        last_error: why; empty when none has failed.
    """

    url: str
    pending: int
    allowed_updates: tuple[str, ...]
    last_error_at: datetime | None
    last_error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """One thing that was looked at.

    Attributes:
        part: what.
        is_well: whether it is as it should be.
        says: what was seen, in words.
    """

    part: str
    is_well: bool
    says: str
