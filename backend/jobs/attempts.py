"""An attempt: one run of one job, from its claim to its end."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from backend.core.clock import monotonic_s
from backend.core.errors import DatabaseUnavailableError, LeaseLostError, ServiceError
from backend.core.logging import get_logger, is_debugged, place_of
from backend.db.unit_of_work import Connection, Database
from backend.jobs import backoff, endings, losses
from backend.jobs.counts import Counts
from backend.jobs.endings import Setback
from backend.jobs.losses import Past
from backend.jobs.records import ClaimedJob, GiveUpJobError, Kind, RetryJobError, WorkerIdentity

_UNWRITABLE = "failed, with a reason that the database refuses to keep"
_logger = get_logger(__name__)


class OccupiedError(ServiceError):
    """Another job has this worker for itself."""

    slug = "worker-occupied"
    title = "The worker runs one job alone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """Runs single attempts; however one ends, the row says so, or its lease runs out.

    Attributes:
        database: Where jobs are and where their effects go.
        kinds: By name, how each is run.
        worker: Who runs it.
        counts: What is counted.
        alone: Gives the worker to one job until the end; raises OccupiedError when another one has it.
    """

    database: Database
    kinds: Mapping[str, Kind]
    worker: WorkerIdentity
    counts: Counts
    alone: Callable[[], AbstractAsyncContextManager[None]]

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

    async def hand_back(self, job: ClaimedJob, *, reason: str) -> bool:
        """Queue a job again at once, its attempt uncounted; return whether it was still held.

        Args:
            job: Held by this worker.
            reason: Why, for people.

        Raises:
            DatabaseUnavailableError: The database does not answer; the job is left to its lease.
        """
        try:
            async with self.database.statement() as connection:
                await endings.hand_back(connection, job, reason=reason)
        except LeaseLostError:
            return False
        _logger.warning("job.handed_back", **_fields(job), reason=reason)
        return True

    async def _outcome(self, job: ClaimedJob) -> str:
        past = Past()
        try:
            past = await self._past(job)
            await self._perform(job, past)
        except (LeaseLostError, DatabaseUnavailableError) as error:
            _logger.warning("job.attempt_void", **_fields(job), reason=error.detail)
            return "void"
        except OccupiedError as error:
            return await self._postpone(job, error)
        except BaseException as error:
            if _is_stop(error):
                raise
            return await self._fail(job, error, past)
        return "done"

    async def _past(self, job: ClaimedJob) -> Past:
        if job.attempt == 1:
            return Past()
        async with self.database.statement() as connection:
            return await losses.past_of(connection, job)

    async def _perform(self, job: ClaimedJob, past: Past) -> None:
        if past.lost_alone >= losses.ALONE:
            raise GiveUpJobError(f"given up: it ran alone {past.lost_alone} times, and its worker was lost each time")
        if job.attempt > job.max_attempts + past.lost:
            raise GiveUpJobError(f"given up: {job.max_attempts} attempts were interrupted")
        if not past.is_suspect:
            await self._run(job)
            return
        async with self.alone():
            async with self.database.statement() as connection:
                await losses.note_alone(connection, job)
            _logger.warning("job.runs_alone", **_fields(job), lost=past.lost)
            await self._run(job)

    async def _run(self, job: ClaimedJob) -> None:
        kind = self.kinds[job.kind]
        async with self.database.unit_of_work() as connection:
            await _run_in_time(kind, connection, job)
            await endings.finish(connection, job, result=self._result(job))

    def _result(self, job: ClaimedJob) -> dict[str, str]:
        build = self.worker.build
        by = {"commit": build.commit, "version": build.version, "worker_id": self.worker.id}
        found = {"found_by": "message" if job.is_told else "polling"}
        return by | found | ({"build_id": build.id} if build.id else {})

    async def _postpone(self, job: ClaimedJob, error: OccupiedError) -> str:
        with suppress(DatabaseUnavailableError):
            await self.hand_back(job, reason=error.detail)
        return "postponed"

    async def _fail(self, job: ClaimedJob, error: BaseException, past: Past) -> str:
        setback = _setback(job, error, past)
        _logger.warning("job.attempt_failed", **_fields(job), error=type(error).__name__, where=place_of(error))
        try:
            await self._set_back(job, setback)
        except (LeaseLostError, DatabaseUnavailableError) as cause:
            _logger.warning("job.not_settled", **_fields(job), reason=cause.detail, effect="taken back by its lease")
        return "dead" if setback.delay is None else "failed"

    async def _set_back(self, job: ClaimedJob, setback: Setback) -> None:
        async with self.database.statement() as connection:
            try:
                await endings.set_back(connection, job, setback)
            except ServiceError:
                raise
            except Exception as error:  # noqa: BLE001 -- words that the database refuses must not keep the job
                _logger.warning("job.reason_refused", **_fields(job), error=type(error).__name__)
                await endings.set_back(connection, job, replace(setback, reason=_UNWRITABLE))


class _TooSlowError(ServiceError):
    slug = "job-too-slow"
    title = "The job took too long"


async def _run_in_time(kind: Kind, connection: Connection, job: ClaimedJob) -> None:
    limit = asyncio.timeout(kind.timeout.total_seconds())
    try:
        async with limit:
            await kind.run(connection, job)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise _TooSlowError(f"took longer than {kind.timeout.total_seconds():g} s") from error


def _is_stop(error: BaseException) -> bool:
    # A handler may also wait for something of its own that was cancelled; then nobody has asked for this task's end.
    task = asyncio.current_task()
    is_asked = task is not None and task.cancelling() > 0
    return isinstance(error, GeneratorExit) or (isinstance(error, asyncio.CancelledError) and is_asked)


def _setback(job: ClaimedJob, error: BaseException, past: Past) -> Setback:
    reason = error.detail if isinstance(error, ServiceError) else f"unexpected {type(error).__name__}"
    if isinstance(error, GiveUpJobError) or job.attempt >= job.max_attempts + past.lost:
        return Setback(reason=reason, delay=None)
    wanted = error.delay if isinstance(error, RetryJobError) else timedelta()
    return Setback(reason=reason, delay=wanted + backoff.delay(job.attempt - past.lost), lost=past.lost)


def _fields(job: ClaimedJob) -> dict[str, str | int]:
    return {"job_id": str(job.id), "kind": job.kind, "attempt": job.attempt}
