"""The runner: claims jobs, runs them, and commits effect and end together."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from backend.core.clock import monotonic_s
from backend.core.errors import DatabaseUnavailableError, LeaseLostError, ServiceError
from backend.core.logging import get_logger, place_of
from backend.db.unit_of_work import Database
from backend.jobs import claims
from backend.jobs.claims import Claim
from backend.jobs.records import ClaimedJob, Handler, WorkerIdentity

_BACKOFF_MAX_S = 300
_logger = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much a worker takes on.

    Attributes:
        concurrency: Jobs at once.
        lease: How long a silent worker keeps a job.
    """

    concurrency: int
    lease: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    job: ClaimedJob
    task: asyncio.Task[None]


class Runner:
    """Runs jobs in slots; a job takes its slot before it is claimed."""

    def __init__(
        self, *, database: Database, handlers: Mapping[str, Handler], worker: WorkerIdentity, limits: Limits
    ) -> None:
        """Keep what running a job takes.

        Args:
            database: Where jobs are and where their effects go.
            handlers: By kind, what runs it.
            worker: Who runs it.
            limits: How much at once, and for how long without a sign of life.
        """
        self._database = database
        self._handlers = handlers
        self._worker = worker
        self._claim = Claim(worker_id=worker.id, kinds=tuple(handlers), lease=limits.lease)
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._concurrency = limits.concurrency
        self._running: dict[UUID, _Attempt] = {}
        self._claiming: set[asyncio.Task[Any]] = set()

    async def offer(self, job_id: UUID) -> None:
        """Take a job whose id has come; wait first for a free slot.

        Args:
            job_id: The job; nothing happens when it is over or held by another worker.
        """
        await self._slots.acquire()
        await asyncio.shield(self._begin(self._claim_offered(job_id)))

    async def sweep(self) -> int:
        """Take jobs that are due, as many as there are free slots; return how many.

        It waits for the first slot, so that a backlog is worked off without a pause.
        """
        slots = await self._take_free_slots()
        # Shielded: a stop must not come between a claim and its start, or the job waits for its lease.
        return await asyncio.shield(self._begin(self._claim_due(slots)))

    async def renew(self) -> None:
        """Prolong the leases of the jobs under way."""
        if self._running:
            async with self._database.statement() as connection:
                await claims.renew(connection, self._claim, job_ids=frozenset(self._running))

    async def drain(self, grace: timedelta) -> None:
        """Wait for the jobs under way; after the grace period hand back the rest.

        Args:
            grace: How long to wait.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace.total_seconds()):
                await self._come_to_rest()
        for attempt in list(self._running.values()):
            attempt.task.cancel()
            await asyncio.wait([attempt.task])
            await self._settle(attempt.job, self._hand_back(attempt.job))

    async def _come_to_rest(self) -> None:
        while tasks := [*self._claiming, *(attempt.task for attempt in self._running.values())]:
            await asyncio.wait(tasks)

    def _begin(self, claiming: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(claiming)
        self._claiming.add(task)
        task.add_done_callback(self._claiming.discard)
        return task

    async def _take_free_slots(self) -> int:
        await self._slots.acquire()
        taken = 1
        while taken < self._concurrency and not self._slots.locked():
            await self._slots.acquire()
            taken += 1
        return taken

    def _give_back(self, slots: int) -> None:
        for _ in range(slots):
            self._slots.release()

    async def _claim_due(self, slots: int) -> int:
        jobs: list[ClaimedJob] = []
        try:
            async with self._database.statement() as connection:
                jobs = await claims.claim_due(connection, self._claim, limit=slots)
        finally:
            self._give_back(slots - len(jobs))
        self._start(jobs)
        return len(jobs)

    async def _claim_offered(self, job_id: UUID) -> None:
        jobs: list[ClaimedJob] = []
        try:
            async with self._database.statement() as connection:
                jobs = await claims.claim_one(connection, self._claim, job_id=job_id)
        except DatabaseUnavailableError:
            _logger.warning("job.not_claimed", job_id=str(job_id), effect="found again by polling")
        finally:
            self._give_back(1 - len(jobs))
        self._start(jobs)

    def _start(self, jobs: list[ClaimedJob]) -> None:
        for job in jobs:
            self._running[job.id] = _Attempt(job=job, task=asyncio.create_task(self._run(job)))

    async def _run(self, job: ClaimedJob) -> None:
        started_s = monotonic_s()
        try:
            await self._perform(job)
            _logger.info("job.done", **_fields(job), ms=round((monotonic_s() - started_s) * 1000, 1))
        except (LeaseLostError, DatabaseUnavailableError) as error:
            _logger.warning("job.attempt_void", **_fields(job), reason=error.detail)
        except Exception as error:  # noqa: BLE001 -- whatever a handler does, the job must be settled
            _logger.warning("job.attempt_failed", **_fields(job), error=type(error).__name__, where=place_of(error))
            await self._settle(job, self._record_failure(job, error))
        finally:
            self._running.pop(job.id, None)
            self._slots.release()

    async def _perform(self, job: ClaimedJob) -> None:
        if job.attempt > job.max_attempts:
            msg = f"given up: {job.max_attempts} attempts were interrupted"
            raise _ExhaustedError(msg)
        async with self._database.unit_of_work() as connection:
            await self._handlers[job.kind](connection, job)
            await claims.finish(connection, job, result=self._result())

    def _result(self) -> dict[str, str]:
        build = self._worker.build
        return {"commit": build.commit, "version": build.version, "worker_id": self._worker.id}

    async def _record_failure(self, job: ClaimedJob, error: Exception) -> None:
        reason = error.detail if isinstance(error, ServiceError) else f"unexpected {type(error).__name__}"
        async with self._database.unit_of_work() as connection:
            if job.attempt >= job.max_attempts:
                await claims.fail(connection, job, reason=reason)
            else:
                await claims.put_back(connection, job, reason=reason, delay=_backoff(job.attempt))

    async def _hand_back(self, job: ClaimedJob) -> None:
        async with self._database.unit_of_work() as connection:
            await claims.put_back(connection, job, reason="interrupted: the worker stopped", delay=timedelta())
        _logger.warning("job.handed_back", **_fields(job))

    async def _settle(self, job: ClaimedJob, settling: Coroutine[None, None, None]) -> None:
        try:
            await settling
        except (LeaseLostError, DatabaseUnavailableError) as error:
            _logger.warning("job.not_settled", **_fields(job), reason=error.detail, effect="taken back by its lease")


class _ExhaustedError(ServiceError):
    slug = "attempts-exhausted"
    title = "The job was interrupted too often"


def _backoff(attempt: int) -> timedelta:
    return timedelta(seconds=min(2**attempt, _BACKOFF_MAX_S))


def _fields(job: ClaimedJob) -> dict[str, str | int]:
    return {"job_id": str(job.id), "kind": job.kind, "attempt": job.attempt}
