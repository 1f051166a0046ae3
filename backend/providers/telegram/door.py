"""The bot of this deployment: its client, what its deliveries must show, and what is counted."""

import hmac
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter

from backend.core.environment import Environment
from backend.providers.telegram.client import TelegramBot


class TelegramCounts:
    """What is counted; labels are outcomes, never ids or texts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin at zero.

        Args:
            registry: The process's own.
        """
        self.deliveries = Counter(
            "telegram_deliveries_total", "Updates that were delivered to us", ("outcome",), registry=registry
        )
        self.sends = Counter("telegram_sends_total", "Messages that we tried to send", ("outcome",), registry=registry)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """The bot of this deployment.

    Attributes:
        bot: Its client.
        secrets: What a delivery must show, one of them.
        counts: What is counted.
    """

    bot: TelegramBot
    secrets: tuple[bytes, ...]
    counts: TelegramCounts

    def is_shown(self, secret: bytes) -> bool:
        """Return whether a delivery has shown one of our secrets, in a time that tells nothing about them.

        Args:
            secret: What it has shown; empty when nothing.
        """
        # A sum: all are compared, also after one that was equal.
        return sum(hmac.compare_digest(secret, ours) for ours in self.secrets) > 0


def open_door(environment: Environment, registry: CollectorRegistry) -> Telegram | None:
    """Return the bot that the settings describe, None without a token; connects to nothing.

    Args:
        environment: The settings.
        registry: Where to count.
    """
    if environment.telegram_bot_token is None:
        return None
    return Telegram(
        bot=TelegramBot(environment.telegram_bot_token.get_secret_value(), base_url=environment.telegram_base_url),
        secrets=tuple(each.get_secret_value().encode() for each in environment.telegram_webhook_secrets),
        counts=TelegramCounts(registry),
    )
