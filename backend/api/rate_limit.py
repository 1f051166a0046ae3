"""The limit on how many requests a token or an address may send in a minute."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.security.utils import get_authorization_scheme_param
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from prometheus_client import CollectorRegistry, Counter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.access import tokens
from backend.api import problems
from backend.core import clock
from backend.core.clock import monotonic_s
from backend.core.environment import Environment
from backend.core.errors import TooManyRequestsError
from backend.core.logging import get_logger

LIMITED = "/v1/"
# Whoever has the secret is asked to come again for as long as it takes; there is no owner whose share it could use up.
EXEMPT = frozenset({"/v1/integrations/telegram/webhook"})
# What a request waits for Redis at most, before it passes uncounted.
ANSWER_TIMEOUT_S = 0.2
_PAUSE_S = 1.0
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one sender may have.

    Attributes:
        item: How many in a minute.
        sender: "token" or "address", and which; a token as a hash.
    """

    item: RateLimitItemPerMinute
    sender: tuple[str, str]


class RateLimiter:
    """Counts requests in Redis; while Redis does not answer, everybody may pass."""

    def __init__(self, environment: Environment, registry: CollectorRegistry) -> None:
        """Prepare to count, without connecting.

        Args:
            environment: Where Redis is, and how many requests a minute has.
            registry: Where it is counted how it went.
        """
        self.requests = Counter(
            "rate_limit_requests_total",
            "Requests that were counted, by what became of it",
            ("outcome",),
            registry=registry,
        )
        self._per_token = environment.rate_limit_per_minute
        self._per_address = environment.rate_limit_per_address_per_minute
        self._pool = ConnectionPool.from_url(
            environment.redis_url.get_secret_value(),
            socket_timeout=ANSWER_TIMEOUT_S,
            socket_connect_timeout=ANSWER_TIMEOUT_S,
        )
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=f"{environment.queue_name}.rate",
            connection_pool=self._pool,  # type: ignore[arg-type]  # handed on to the client
        )
        self._window = FixedWindowRateLimiter(storage)
        self._ask_again_s = 0.0

    async def refusal_s(self, scope: Scope) -> float | None:
        """Count a request, and return in how many seconds its sender may send again; None when it may pass.

        Args:
            scope: The request.
        """
        if monotonic_s() < self._ask_again_s:
            self.requests.labels("not counted").inc()
            return None
        try:
            async with asyncio.timeout(2 * ANSWER_TIMEOUT_S):
                refused_s = [
                    each for share in self._shares(scope) if (each := await self._refused_s(share)) is not None
                ]
        except (RedisError, OSError, TimeoutError) as error:
            self._ask_again_s = monotonic_s() + _PAUSE_S
            self.requests.labels("not counted").inc()
            _logger.warning("rate_limit.open", error=type(error).__name__, effect="nobody is limited meanwhile")
            return None
        self.requests.labels("refused" if refused_s else "passed").inc()
        return max(refused_s, default=None)

    def _shares(self, scope: Scope) -> Iterator[Share]:
        # Read as the guards read it, or a token would pass there that was not counted here.
        kind, token = get_authorization_scheme_param(Headers(scope=scope).get("authorization"))
        if self._per_token and kind.lower() == "bearer" and tokens.is_token(token):
            # Its hash, so that what can be read in Redis opens nothing.
            sender = ("token", tokens.hash_of(token).hex()[:32])
            yield Share(item=RateLimitItemPerMinute(self._per_token), sender=sender)
        address = scope["client"][0] if scope.get("client") else "unknown"
        if self._per_address:
            yield Share(item=RateLimitItemPerMinute(self._per_address), sender=("address", address))

    async def _refused_s(self, share: Share) -> float | None:
        if await self._window.hit(share.item, *share.sender):
            return None
        stats = await self._window.get_window_stats(share.item, *share.sender)
        return max(1.0, stats.reset_time - clock.now().timestamp())

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class LimitRate:
    """Middleware: refuses what is too much, before anything is read or looked up."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter) -> None:
        """Keep what comes next.

        Args:
            app: The application.
            limiter: Who counts.
        """
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Args:
            scope: What it is about.
            receive: Where its messages come from.
            send: Where the answer goes.
        """
        is_limited = scope["type"] == "http" and scope["path"].startswith(LIMITED) and scope["path"] not in EXEMPT
        refused_s = await self._limiter.refusal_s(scope) if is_limited else None
        if refused_s is None:
            await self._app(scope, receive, send)
            return
        seconds = f"{refused_s:.0f}"
        error = TooManyRequestsError(f"Send the next request in {seconds} s. Fewer, larger steps take you further.")
        await problems.response_to(error, {"Retry-After": seconds})(scope, receive, send)
