"""Dispatch: tells the workers of a committed job, as well as it can."""

import asyncio
from uuid import UUID

from backend.core.errors import TransportUnavailableError
from backend.core.logging import get_logger
from backend.jobs.transport import Transport

_PENDING_MAX = 1_000
_DRAIN_S = 2.0
_logger = get_logger(__name__)


class Dispatcher:
    """Sends job ids in the background, so that no request waits for Redis."""

    def __init__(self, transport: Transport) -> None:
        """Keep the transport.

        Args:
            transport: What carries the ids.
        """
        self._transport = transport
        self._sending: set[asyncio.Task[None]] = set()
        self._is_down = False

    def send_soon(self, job_id: UUID) -> None:
        """Send a job's id; when that fails, the workers' polling finds the row.

        Args:
            job_id: The job, whose row is committed.
        """
        if len(self._sending) >= _PENDING_MAX:
            return
        task = asyncio.create_task(self._send(job_id))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def drain(self) -> None:
        """Wait, not long, for what is being sent."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_DRAIN_S)

    async def _send(self, job_id: UUID) -> None:
        try:
            await self._transport.send(job_id)
        except TransportUnavailableError as error:
            self._note_down(error)
        else:
            self._is_down = False

    def _note_down(self, error: TransportUnavailableError) -> None:
        if not self._is_down:
            _logger.warning("dispatch.failed", detail=error.detail, effect="jobs start by polling")
        self._is_down = True
