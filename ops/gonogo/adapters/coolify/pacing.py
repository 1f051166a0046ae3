"""How fast we ask: within the user's requests a minute, which others share, and as slowly as we are told."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gonogo.protocols import Clock

_MINUTE_S = 60.0
# What Coolify allows unless it is set up otherwise.
_LIMIT = 200
# Of the limit: what we may ask at once, and what we regain in a minute. Together they leave a quarter to others.
_BURST, _REGAINED = 0.3, 0.45
# Less than this share left means that others ask, too.
_LOW = 0.2
_LONGEST_STEP_ASIDE_S = 5.0


class Pace:
    """A bucket of requests that refills; whoever asks waits until there is one."""

    def __init__(self, clock: Clock) -> None:
        """Start with a full bucket."""
        self._clock = clock
        self._limit = _LIMIT
        self._left: int | None = None
        self._seen = self._at = clock.monotonic()
        self._bucket = self._burst

    def wait(self) -> None:
        """Wait for our turn."""
        self._refill()
        pause = max(self._step_aside(), (1 - self._bucket) / self._rate if self._bucket < 1 else 0.0)
        if pause > 0:
            self._clock.sleep(pause)
            self._refill()
        self._bucket -= 1

    def learn(self, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the budget."""
        limit, left = (_whole(headers.get(f"X-RateLimit-{name}")) for name in ("Limit", "Remaining"))
        if limit:
            self._limit = limit
            self._bucket = min(self._bucket, self._burst)
        if left is not None:
            self._left, self._seen = left, self._clock.monotonic()

    @property
    def _burst(self) -> float:
        """Return how much we may ask at once."""
        return max(1.0, self._limit * _BURST)

    @property
    def _rate(self) -> float:
        """Return what we regain in a second."""
        return self._limit * _REGAINED / _MINUTE_S

    def _refill(self) -> None:
        """Put in what was regained since the last look."""
        now = self._clock.monotonic()
        self._bucket = min(self._burst, self._bucket + (now - self._at) * self._rate)
        self._at = now

    def _step_aside(self) -> float:
        """Return how long to let others pass: the longer, the less is left of this minute."""
        is_old = self._clock.monotonic() - self._seen >= _MINUTE_S
        if self._left is None or is_old or self._left >= self._limit * _LOW:
            return 0.0
        return min(_LONGEST_STEP_ASIDE_S, _MINUTE_S / 2 / max(1, self._left))


def told_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that an answer asks us to wait; None when it does not say, or not in words that we know."""
    said = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"-?\d{1,12}(\.\d+)?", said):
        return max(0.0, float(said))
    at = _moment(said) or _reset(headers)
    if at is None:
        return None
    return max(0.0, (at - (_moment(headers.get("Date") or "") or now)).total_seconds())


def _moment(said: str) -> datetime | None:
    """Return the time of an HTTP date; None for anything else."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _reset(headers: Mapping[str, str]) -> datetime | None:
    """Return when the budget is new; None when that is not said."""
    seconds = _whole(headers.get("X-RateLimit-Reset"))
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _whole(said: str | None) -> int | None:
    """Return a header's number; None when it holds none."""
    return int(said) if said and re.fullmatch(r"\s*\d{1,12}\s*", said) else None
