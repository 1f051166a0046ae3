"""An attempt: one run of one job, from its claim to its end."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from backend.core.clock import monotonic_s
from backend.core.errors import DatabaseUnavailableError, LeaseLostError, ServiceError
from backend.core.logging import get_logger, is_debugged, place_of
from backend.db.unit_of_work import Database
from backend.jobs import backoff, endings
from backend.jobs.counts import Counts
from backend.jobs.endings import Setback
from backend.jobs.records import ClaimedJob, GiveUpJobError, Kind, RetryJobError, WorkerIdentity

_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """Runs single attempts; however one ends, the row says so, or its lease runs out.

    Attributes:
        database: Where jobs are and where their effects go.
        kinds: By name, how each is run.
        worker: Who runs it.
        counts: What is counted.
    """

    database: Database
    kinds: Mapping[str, Kind]
    worker: WorkerIdentity
    counts: Counts

    async def run(self, job: ClaimedJob) -> None:
        """Run a job once, and settle it.

        Args:
            job: Held by this worker.
        """
        self.counts.started.labels(job.kind).inc()
        started_s = monotonic_s()
        outcome = "stopped"
        try:
            outcome = await self._outcome(job)
        finally:
            seconds = monotonic_s() - started_s
            self.counts.seconds.labels(job.kind).observe(seconds)
            self.counts.finished.labels(job.kind, outcome).inc()
            # The row's log says the same to people; a line per job is for whoever asks for it.
            if is_debugged(__name__):
                _logger.debug("job.ended", **_fields(job), outcome=outcome, ms=round(seconds * 1000, 1))

    async def hand_back(self, job: ClaimedJob) -> bool:
        """Queue a job whose attempt was stopped again, and return whether that was done.

        Args:
            job: Held by this worker.
        """
        return await self._settle(job, self._hand_back(job))

    async def _outcome(self, job: ClaimedJob) -> str:
        try:
            await self._perform(job)
        except (LeaseLostError, DatabaseUnavailableError) as error:
            _logger.warning("job.attempt_void", **_fields(job), reason=error.detail)
            return "void"
        except Exception as error:  # noqa: BLE001 -- whatever a handler does, the job must be settled
            setback = _setback(job, error)
            _logger.warning("job.attempt_failed", **_fields(job), error=type(error).__name__, where=place_of(error))
            await self._settle(job, self._set_back(job, setback))
            return "dead" if setback.delay is None else "failed"
        return "done"

    async def _perform(self, job: ClaimedJob) -> None:
        if job.attempt > job.max_attempts:
            raise GiveUpJobError(f"given up: {job.max_attempts} attempts were interrupted")
        kind = self.kinds[job.kind]
        async with self.database.unit_of_work() as connection:
            with _in_words(kind):
                async with asyncio.timeout(kind.timeout.total_seconds()):
                    await kind.run(connection, job)
            await endings.finish(connection, job, result=self._result())

    def _result(self) -> dict[str, str]:
        build = self.worker.build
        return {"commit": build.commit, "version": build.version, "worker_id": self.worker.id}

    async def _set_back(self, job: ClaimedJob, setback: Setback) -> None:
        async with self.database.statement() as connection:
            await endings.set_back(connection, job, setback)

    async def _hand_back(self, job: ClaimedJob) -> None:
        async with self.database.statement() as connection:
            await endings.hand_back(connection, job, reason="interrupted: the worker stopped")
        _logger.warning("job.handed_back", **_fields(job))

    async def _settle(self, job: ClaimedJob, settling: Coroutine[None, None, None]) -> bool:
        try:
            await settling
        except (LeaseLostError, DatabaseUnavailableError) as error:
            _logger.warning("job.not_settled", **_fields(job), reason=error.detail, effect="taken back by its lease")
            return False
        return True


class _TooSlowError(ServiceError):
    slug = "job-too-slow"
    title = "The job took too long"


@contextmanager
def _in_words(kind: Kind) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise _TooSlowError(f"took longer than {kind.timeout.total_seconds():g} s") from error


def _setback(job: ClaimedJob, error: Exception) -> Setback:
    reason = error.detail if isinstance(error, ServiceError) else f"unexpected {type(error).__name__}"
    if isinstance(error, GiveUpJobError) or job.attempt >= job.max_attempts:
        return Setback(reason=reason, delay=None)
    wanted = error.delay if isinstance(error, RetryJobError) else timedelta()
    return Setback(reason=reason, delay=wanted + backoff.delay(job.attempt))


def _fields(job: ClaimedJob) -> dict[str, str | int]:
    return {"job_id": str(job.id), "kind": job.kind, "attempt": job.attempt}
