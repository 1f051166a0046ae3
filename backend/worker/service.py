"""The worker: heartbeats, listens, polls and renews until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend.core.errors import DatabaseUnavailableError, TransportUnavailableError
from backend.core.logging import get_logger
from backend.db import revisions
from backend.db.revisions import Revisions, SchemaState
from backend.db.unit_of_work import Database
from backend.jobs import heartbeat, schedules, upkeep
from backend.jobs.heartbeat import WorkerState
from backend.jobs.records import WorkerIdentity
from backend.jobs.runner import Runner
from backend.jobs.schedules import Schedule
from backend.jobs.transport import Transport
from backend.worker.tools import Tools

_SCHEMA_POLL_S = 1.0
# How long a stop waits for what it cancels, and for the last heartbeat.
_END_S = 1.0
LAST_BEAT_S = 1.5
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
        silence: How long a worker says nothing until its open transactions are ended by others.
    """

    heartbeat_s: float
    poll_s: float
    renew_s: float
    upkeep_s: float
    grace: timedelta
    silence: timedelta


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
        tools: What its handlers need; None when they were handed in.
    """

    identity: WorkerIdentity
    database: Database
    transport: Transport
    runner: Runner
    revisions: Revisions
    pace: Pace
    schedules: tuple[Schedule, ...] = ()
    ready_file: Path | None = None
    tools: Tools | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is under way.

        Args:
            stop: Set by whoever wants the worker to end.
        """
        self._hide_ready()
        if not await _done_before(stop, self._prepare()):
            return
        _logger.info("worker.started", worker_id=self.identity.id, version=self.identity.build.version)
        beating = self._every(self.pace.heartbeat_s, self._beat_running)
        taking = [beating, self._listen(), self._take(), self._every(self.pace.upkeep_s, self._keep_up)]
        loops = [asyncio.create_task(each) for each in taking]
        renewing = asyncio.create_task(self._every(self.pace.renew_s, self.runner.renew))
        for loop in (*loops, renewing):
            # A loop never ends by itself; when one breaks, the process must not look alive.
            loop.add_done_callback(lambda _loop: stop.set())
        await stop.wait()
        self._hide_ready()
        await _end(loops)
        await self._finish(renewing)
        _raise_first((*loops, renewing))

    async def close(self) -> None:
        """Close every connection, after `run`."""
        if self.tools is not None:
            await self.tools.close()
        await self.transport.close()
        await self.database.close()

    async def _prepare(self) -> None:
        await self._wait_for_schema()
        await self._keep_schedules()

    async def _wait_for_schema(self) -> None:
        warned: SchemaState | None = None
        while True:
            state = await self._schema_state()
            if state is not SchemaState.CURRENT and state is not warned:
                _logger.warning(
                    "worker.schema_differs", state=state.value, head=self.revisions.head, starts=state.is_served
                )
                warned = state
            if state.is_served:
                return
            await asyncio.sleep(_SCHEMA_POLL_S)

    async def _keep_schedules(self) -> None:
        while True:
            try:
                async with self.database.unit_of_work() as connection:
                    await schedules.keep(connection, self.schedules)
            except DatabaseUnavailableError as error:
                _logger.warning("worker.database_unavailable", reason=error.detail)
                await asyncio.sleep(_SCHEMA_POLL_S)
            else:
                return

    async def _schema_state(self) -> SchemaState:
        try:
            async with self.database.statement() as connection:
                return self.revisions.judge(await revisions.observe(connection))
        except DatabaseUnavailableError:
            return SchemaState.UNKNOWN

    async def _finish(self, renewing: asyncio.Task[None]) -> None:
        _logger.info("worker.stopping", worker_id=self.identity.id)
        beating = asyncio.create_task(self._every(self.pace.heartbeat_s, self._beat_stopping))
        drained = await self.runner.drain(self.pace.grace)
        await _end([beating, renewing])
        await _end_after(LAST_BEAT_S, asyncio.create_task(self._beat(WorkerState.STOPPED)))
        _logger.info(
            "worker.stopped",
            worker_id=self.identity.id,
            ended=[str(each) for each in drained.ended],
            handed_back=[str(each) for each in drained.handed_back],
            left=[str(each) for each in drained.left],
            seconds=round(drained.seconds, 2),
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
            self.runner.counts.show_depth(await upkeep.depth(connection))
            enqueued = await schedules.tick(connection, self.runner.kinds, names=[each.name for each in self.schedules])
        for job_id in enqueued:
            _logger.info("job.scheduled", job_id=str(job_id))
        await self.runner.defer_foreign()
        await self._end_silent()
        with contextlib.suppress(TransportUnavailableError):
            await self.transport.trim()

    async def _end_silent(self) -> None:
        async with self.database.statement() as connection:
            ended = await heartbeat.end_silent(connection, self.pace.silence)
        if ended:
            _logger.warning("worker.silent_ended", transactions=ended, effect="what they had locked is free")

    async def _beat_running(self) -> None:
        if await self._beat(WorkerState.RUNNING):
            self._show_ready()

    async def _beat_stopping(self) -> None:
        await self._beat(WorkerState.STOPPING)

    async def _beat(self, state: WorkerState) -> bool:
        try:
            async with self.database.statement() as connection:
                await heartbeat.beat(connection, self.identity, state=state, report=self.runner.report)
        except DatabaseUnavailableError as error:
            _logger.warning("worker.heartbeat_missed", reason=error.detail)
            return False
        self.runner.counts.beat_at.set_to_current_time()
        return True

    def _show_ready(self) -> None:
        if self.ready_file is not None:
            with _no_matter():
                self.ready_file.touch()

    def _hide_ready(self) -> None:
        if self.ready_file is not None:
            with _no_matter():
                self.ready_file.unlink(missing_ok=True)

    async def _every(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except DatabaseUnavailableError as error:
                _logger.warning("worker.database_unavailable", reason=error.detail)
            await asyncio.sleep(seconds)


@contextlib.contextmanager
def _no_matter() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # a probe that cannot be told must not end the jobs
        _logger.warning("worker.ready_file_unwritable", error=type(error).__name__)


async def _done_before(stop: asyncio.Event, preparing: Coroutine[None, None, None]) -> bool:
    stopping, prepared = asyncio.create_task(stop.wait()), asyncio.create_task(preparing)
    await asyncio.wait({stopping, prepared}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if prepared.done():
        await prepared
        return not stop.is_set()
    await _end([prepared])
    return False


async def _end(loops: list[asyncio.Task[None]]) -> None:
    for loop in loops:
        loop.cancel()
    # One that waits for a database that does not answer is not waited for.
    await asyncio.wait(loops, timeout=_END_S)


async def _end_after(seconds: float, task: asyncio.Task[bool]) -> None:
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()


def _raise_first(loops: tuple[asyncio.Task[None], ...]) -> None:
    for loop in loops:
        if loop.done() and not loop.cancelled() and (error := loop.exception()) is not None:
            raise error
