"""The worker: heartbeats, listens, polls and renews until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend.core.errors import DatabaseUnavailableError, TransportUnavailableError
from backend.core.logging import get_logger
from backend.db import revisions
from backend.db.revisions import Revisions, SchemaState
from backend.db.unit_of_work import Database
from backend.jobs import heartbeat, schedules
from backend.jobs.heartbeat import WorkerState
from backend.jobs.records import WorkerIdentity
from backend.jobs.runner import Runner
from backend.jobs.schedules import Schedule
from backend.jobs.transport import Transport

_SCHEMA_POLL_S = 1.0
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often a worker does what it does.

    Attributes:
        heartbeat_s: Seconds between two heartbeats.
        poll_s: Seconds between two looks for jobs whose message was lost.
        renew_s: Seconds between two renewals of leases.
        upkeep_s: Seconds between two looks for schedules whose time has come and for jobs of other builds.
        grace: How long jobs under way may go on after a stop.
    """

    heartbeat_s: float
    poll_s: float
    renew_s: float
    upkeep_s: float
    grace: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """One worker process, put together.

    Attributes:
        identity: Who it is.
        database: The way to Postgres.
        transport: The way to Redis.
        runner: What runs jobs.
        revisions: The schema revisions that it ships.
        pace: How often it does what it does.
        schedules: The recurring jobs of its build.
        ready_file: Touched with each heartbeat that the database took, gone after the stop; None is no file.
    """

    identity: WorkerIdentity
    database: Database
    transport: Transport
    runner: Runner
    revisions: Revisions
    pace: Pace
    schedules: tuple[Schedule, ...] = ()
    ready_file: Path | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is under way.

        Args:
            stop: Set by whoever wants the worker to end.
        """
        if not await self._wait_for_schema(stop) or not await self._keep_schedules(stop):
            return
        taking = [self._listen(), self._take(), self._every(self.pace.upkeep_s, self._keep_up)]
        loops = [asyncio.create_task(each) for each in taking]
        renewing = asyncio.create_task(self._every(self.pace.renew_s, self.runner.renew))
        for loop in (*loops, renewing):
            # A loop never ends by itself; when one breaks, the process must not look alive.
            loop.add_done_callback(lambda _loop: stop.set())
        await self._beat_until(stop)
        await _end(loops)
        await self._finish(renewing)
        _raise_first((*loops, renewing))

    async def _wait_for_schema(self, stop: asyncio.Event) -> bool:
        warned: SchemaState | None = None
        while not stop.is_set():
            state = await self._schema_state()
            if state is not SchemaState.CURRENT and state is not warned:
                _logger.warning(
                    "worker.schema_differs", state=state.value, head=self.revisions.head, starts=state.is_served
                )
                warned = state
            if state.is_served:
                return True
            await _pause(stop, _SCHEMA_POLL_S)
        return False

    async def _keep_schedules(self, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            try:
                async with self.database.unit_of_work() as connection:
                    await schedules.keep(connection, self.schedules)
            except DatabaseUnavailableError as error:
                _logger.warning("worker.database_unavailable", reason=error.detail)
                await _pause(stop, _SCHEMA_POLL_S)
            else:
                return True
        return False

    async def _schema_state(self) -> SchemaState:
        try:
            async with self.database.statement() as connection:
                return self.revisions.judge(await revisions.observe(connection))
        except DatabaseUnavailableError:
            return SchemaState.UNKNOWN

    async def _beat_until(self, stop: asyncio.Event) -> None:
        _logger.info("worker.started", worker_id=self.identity.id, version=self.identity.build.version)
        while not stop.is_set():
            await self._beat(WorkerState.RUNNING)
            await _pause(stop, self.pace.heartbeat_s)

    async def _finish(self, renewing: asyncio.Task[None]) -> None:
        _logger.info("worker.stopping", worker_id=self.identity.id)
        beating = asyncio.create_task(self._every(self.pace.heartbeat_s, self._beat_stopping))
        drained = await self.runner.drain(self.pace.grace)
        await _end([beating, renewing])
        await self._beat(WorkerState.STOPPED)
        _logger.info(
            "worker.stopped",
            worker_id=self.identity.id,
            ended=[str(each) for each in drained.ended],
            handed_back=[str(each) for each in drained.handed_back],
        )

    async def _take(self) -> None:
        while True:
            try:
                while await self.runner.sweep():
                    pass
            except DatabaseUnavailableError as error:
                _logger.warning("worker.database_unavailable", reason=error.detail)
                await asyncio.sleep(self.pace.poll_s)
            await self.runner.rest(self.pace.poll_s)

    async def _listen(self) -> None:
        async for job_id in self.transport.listen():
            await self.runner.hint(job_id)

    async def _keep_up(self) -> None:
        async with self.database.unit_of_work() as connection:
            enqueued = await schedules.tick(connection, self.runner.kinds)
        for job_id in enqueued:
            _logger.info("job.scheduled", job_id=str(job_id))
        await self.runner.defer_foreign()
        with contextlib.suppress(TransportUnavailableError):
            await self.transport.trim()

    async def _beat_stopping(self) -> None:
        await self._beat(WorkerState.STOPPING)

    async def _beat(self, state: WorkerState) -> None:
        try:
            async with self.database.statement() as connection:
                await heartbeat.beat(connection, self.identity, state=state)
        except DatabaseUnavailableError as error:
            _logger.warning("worker.heartbeat_missed", reason=error.detail)
            return
        self.runner.counts.beat_at.set_to_current_time()
        self._show_ready(state)

    def _show_ready(self, state: WorkerState) -> None:
        if self.ready_file is None:
            return
        try:
            if state is WorkerState.RUNNING:
                self.ready_file.touch()
            else:
                self.ready_file.unlink(missing_ok=True)
        except OSError as error:  # a probe that cannot be told must not end the jobs
            _logger.warning("worker.ready_file_unwritable", error=type(error).__name__)

    async def _every(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except DatabaseUnavailableError as error:
                _logger.warning("worker.database_unavailable", reason=error.detail)
            await asyncio.sleep(seconds)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def _end(loops: list[asyncio.Task[None]]) -> None:
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops)


def _raise_first(loops: tuple[asyncio.Task[None], ...]) -> None:
    for loop in loops:
        if not loop.cancelled() and (error := loop.exception()) is not None:
            raise error
