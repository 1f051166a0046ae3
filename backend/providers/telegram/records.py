"""What is said to Telegram and what it says."""

from dataclasses import dataclass
from datetime import datetime

# Everything else that Telegram could send is of no use here.
ALLOWED_UPDATES = ("message",)
MAX_CONNECTIONS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class BotIdentity:
    """Who a bot is.

    Attributes:
        id: Its number, the first part of its token.
        username: Without the @.
    """

    id: int
    username: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A whole webhook: what a call leaves out, Telegram clears or resets.

    Attributes:
        url: HTTPS; where updates are sent.
        secret: What each delivery must show.
        allowed_updates: The kinds that are sent.
        max_connections: Deliveries at once, 1 to 100.
        drops_pending: Whether what waits is thrown away.
    """

    url: str
    secret: str
    allowed_updates: tuple[str, ...] = ALLOWED_UPDATES
    max_connections: int = MAX_CONNECTIONS
    drops_pending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookInfo:
    """What Telegram says of a webhook; the secret is never among it.

    Attributes:
        url: Empty when there is none.
        pending: Updates that wait to be delivered.
        allowed_updates: Empty when it is Telegram's own choice.
        last_error_at: When a delivery last failed; a later success does not clear it.
        last_error: Why; empty when none has failed.
    """

    url: str
    pending: int
    allowed_updates: tuple[str, ...]
    last_error_at: datetime | None
    last_error: str
