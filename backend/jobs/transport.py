"""The transport: carries a job's id over Redis. The only module that knows Taskiq."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker
from taskiq_redis import ListQueueBroker

from backend.core.errors import TransportUnavailableError
from backend.core.logging import get_logger

# What may go wrong between us and Redis; redis-py's errors are no OSErrors.
_FAILURES = (RedisError, OSError, SendTaskError)
_TASK = "job"
_CONNECT_TIMEOUT_S = 2
_ANSWER_TIMEOUT_S = 2.0
_RETRY_S = 1.0
_KEPT = 1_000
_logger = get_logger(__name__)


class Transport:
    """Sends and receives job ids; may lose them, which costs time and nothing else."""

    def __init__(self, redis_url: str, *, queue_name: str) -> None:
        """Prepare the transport without connecting.

        Args:
            redis_url: redis://:secret@host:port/number.
            queue_name: The list that carries the ids.
        """
        # No read timeout: an idle listener waits as long as it takes. Sends are bounded below.
        self._broker = ListQueueBroker(
            redis_url, queue_name=queue_name, socket_timeout=None, socket_connect_timeout=_CONNECT_TIMEOUT_S
        )

    async def send(self, job_id: UUID) -> None:
        """Tell the workers of a job.

        Args:
            job_id: The job, whose row is committed.

        Raises:
            TransportUnavailableError: Redis does not take it.
        """
        kicker: AsyncKicker[[str], None] = AsyncKicker(task_name=_TASK, broker=self._broker, labels={})
        with _unavailable_on_failure():
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                await kicker.with_task_id(job_id.hex).kiq(str(job_id))

    async def listen(self) -> AsyncIterator[UUID]:
        """Yield the ids of jobs as they come, for ever, also across failures of Redis."""
        is_down = False
        while True:
            try:
                async for message in self._broker.listen():
                    is_down = False
                    for job_id in self._parse(message):
                        yield job_id
            except _FAILURES as error:
                if not is_down:
                    _logger.warning("transport.lost", error=type(error).__name__, effect="jobs start by polling")
                is_down = True
                await asyncio.sleep(_RETRY_S)

    async def trim(self) -> None:
        """Forget all but the newest messages: any one of them says that there is work, the rows say which.

        Raises:
            TransportUnavailableError: Redis does not answer.
        """
        with _unavailable_on_failure():
            async with asyncio.timeout(_ANSWER_TIMEOUT_S), Redis(connection_pool=self._broker.connection_pool) as redis:
                await redis.ltrim(self._broker.queue_name, 0, _KEPT - 1)

    async def ping(self) -> None:
        """Return when Redis answers.

        Raises:
            TransportUnavailableError: Redis does not answer.
        """
        with _unavailable_on_failure():
            async with asyncio.timeout(_ANSWER_TIMEOUT_S), Redis(connection_pool=self._broker.connection_pool) as redis:
                await redis.ping()

    async def close(self) -> None:
        """Close every connection."""
        await self._broker.shutdown()

    def _parse(self, message: bytes) -> list[UUID]:
        try:
            arguments = self._broker.formatter.loads(message).args
            return [UUID(str(arguments[0]))]
        except (ValueError, TypeError, IndexError, RecursionError):
            _logger.warning("transport.message_refused", effect="ignored; the row decides")
            return []


@contextmanager
def _unavailable_on_failure() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        msg = f"Redis did not answer ({type(error).__name__}). Try again in a few seconds."
        raise TransportUnavailableError(msg) from error
