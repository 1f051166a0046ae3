"""How fast a bot may send."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gonogo.local.providers.telegram.failures import too_many


@dataclass(slots=True)
class Settings:
    """How the stand-in behaves where Telegram differs by time; set over its own endpoints.

    Attributes:
        per_chat: messages to one chat in a second.
        per_chat_burst: messages to one chat at once, before the rate counts.
        overall: messages to all chats in a second.
        per_group_minute: messages to one group in a minute.
        webhook_pause_s: seconds between two calls of setWebhook.
        time_scale: what the pauses between deliveries are multiplied with; less than 1 for tests.
    """

    per_chat: float = 1.0
    per_chat_burst: int = 5
    overall: float = 30.0
    per_group_minute: float = 20.0
    webhook_pause_s: float = 1.0
    time_scale: float = 1.0


@dataclass(slots=True)
class _Bucket:
    """Room that fills with time."""

    room: float
    at: float


@dataclass(slots=True)
class Flood:
    """What a bot has sent of late."""

    settings: Settings
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def spend(self, chat: int | str) -> None:
        """Count a message.

        Raises:
            Failed: it is one too many; `retry_after` says how long to wait.
        """
        given = self.settings
        limits = [(f"chat {chat}", given.per_chat, given.per_chat_burst), ("all", given.overall, int(given.overall))]
        if isinstance(chat, int) and chat < 0:
            limits.append((f"group {chat}", given.per_group_minute / 60, int(given.per_group_minute)))
        waits = [self._wait(name, rate, burst) for name, rate, burst in limits]
        if (wait := max(waits)) > 0:
            raise too_many(max(1, math.ceil(wait)))
        for name, _, _ in limits:
            self._buckets[name].room -= 1

    def _wait(self, name: str, rate: float, burst: int) -> float:
        """Return the seconds until there is room for one."""
        now = self.clock()
        bucket = self._buckets.setdefault(name, _Bucket(room=burst, at=now))
        bucket.room, bucket.at = min(burst, bucket.room + (now - bucket.at) * rate), now
        return 0.0 if bucket.room >= 1 else (1 - bucket.room) / rate
