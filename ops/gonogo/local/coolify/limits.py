"""The requests that one user may send in a minute."""

from dataclasses import dataclass, field

from gonogo.local.coolify.clock import Clock

WINDOW_S = 60


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What a request left over.

    Attributes:
        over: whether it was one too many.
    """

    over: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Limiter:
    """Counts requests by user, or by address."""

    clock: Clock
    _windows: dict[str, _Window] = field(default_factory=dict)

    def spend(self, who: str, limit: int) -> Spent:
        """Count one request."""
        now = self.clock.now().timestamp()
        window = self._windows.get(who)
        if window is None or window.ends <= now:
            window = self._windows[who] = _Window(ends=now + WINDOW_S)
        over = window.used >= limit
        window.used += not over
        headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit - window.used)}
        if over:
            wait = max(1, int(window.ends - now))
            headers |= {"Retry-After": str(wait), "X-RateLimit-Reset": str(int(window.ends))}
        return Spent(over=over, headers=headers)
