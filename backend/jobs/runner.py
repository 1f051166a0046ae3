"""The runner: claims jobs, runs them, and commits effect and end together."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from backend.core.clock import monotonic_s
from backend.core.errors import DatabaseUnavailableError
from backend.core.logging import get_logger, place_of
from backend.db.unit_of_work import Database
from backend.jobs import claims, endings, upkeep
from backend.jobs.attempts import Attempts, OccupiedError
from backend.jobs.claims import Claim, Claimed
from backend.jobs.counts import Counts
from backend.jobs.haste import Haste
from backend.jobs.lately import Lately
from backend.jobs.records import ENVELOPE, ClaimedJob, Kind, WorkerIdentity

_AHEAD = 5
# Under a backlog slots come free one by one; a short wait claims for several by one statement.
_GATHER_S = 0.005
_REMEMBERED = 10_000
# How long a stop waits for the database, and for a job that was told to end.
_PATIENCE_S = 2.0
_OBEDIENCE_S = 1.0
_STOPPED = "interrupted: the worker stopped"
# So long a kind that was at its limit is passed over, unless one of its jobs ends here.
_FULL_S = 0.5
# A note on progress is a few words; the rest is cut.
_NOTE = 500
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much a worker takes on.

    Attributes:
        concurrency: Jobs at once.
        lease: How long a silent worker keeps a job.
        envelope: The newest form of payloads that it understands.
    """

    concurrency: int
    lease: timedelta
    envelope: int = ENVELOPE


@dataclass(frozen=True, kw_only=True, slots=True)
class Drained:
    """What became of the jobs that were in hand when a worker was told to stop.

    Attributes:
        seconds: How long it took.
        ended: Jobs that came to their end within the grace period.
        handed_back: Jobs that others may start at once.
        left: Jobs that others may start when their leases have run out.
    """

    seconds: float
    ended: tuple[UUID, ...]
    handed_back: tuple[UUID, ...]
    left: tuple[UUID, ...] = ()

    @property
    def counted(self) -> dict[str, object]:
        """Return how many became what."""
        numbers = {"ended": len(self.ended), "handed_back": len(self.handed_back), "left": len(self.left)}
        return {**numbers, "seconds": round(self.seconds, 2)}


class Runner:
    """Runs jobs in slots; a job is claimed for a slot that is free."""

    def __init__(
        self,
        *,
        database: Database,
        kinds: Mapping[str, Kind],
        worker: WorkerIdentity,
        limits: Limits,
        counts: Counts | None = None,
    ) -> None:
        """Keep what running a job takes.

        Args:
            database: Where jobs are and where their effects go.
            kinds: By name, how each is run.
            worker: Who runs it.
            limits: How much at once, and for how long without a sign of life.
            counts: What is counted; None counts for nobody.
        """
        self.counts = counts or Counts()
        self.counts.slots.set(limits.concurrency)
        self._database = database
        self._kinds = kinds
        self._concurrency = limits.concurrency
        self._limited = tuple(name for name, kind in kinds.items() if kind.limit is not None)
        self._all = Claim(
            worker_id=worker.id,
            kinds=tuple(kinds),
            lease=limits.lease,
            envelope=limits.envelope,
            limited=self._limited,
        )
        self._attempts = Attempts(database=database, kinds=kinds, worker=worker, counts=self.counts, alone=self._alone)
        self._held: dict[UUID, ClaimedJob] = {}
        self._waiting: deque[UUID] = deque()
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._haste = Haste(most=_AHEAD * limits.concurrency)
        self._claiming: set[asyncio.Task[int]] = set()
        self._left: list[UUID] = []
        self._told, self._untold = Lately(most=_REMEMBERED), Lately(most=_REMEMBERED)
        # Kinds that were at their limit: until when, and how many of them were held here then.
        self._full: dict[str, tuple[float, int]] = {}
        self._freed, self._wake, self._at_rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._served: UUID | None = None
        self._is_backlogged, self._is_lonely = False, False
        self._stop_report: dict[str, object] | None = None
        self._foreign: set[tuple[str, str]] = set()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what this worker can run."""
        return self._all.kinds

    @property
    def report(self) -> dict[str, object]:
        """Return what this worker can read and has in hand, and how it stopped, for its heartbeat."""
        able: dict[str, object] = {"envelope": self._all.envelope, "kinds": sorted(self.kinds)}
        return {**able, "in_flight": len(self._held), "stop": self._stop_report}

    async def hint(self, job_id: UUID) -> None:
        """Look at the table at once, unless the job was here already; return when there is nothing left to claim.

        A message says that there is work. Which job comes first is for the table to say, or a message would jump the
        queue. That messages are not read while there is a backlog leaves them to workers that have nothing to do.
        A job that was here is forgotten with its message: the next one says that it was queued again.

        Args:
            job_id: The job that the message names.
        """
        if not self._untold.drop(job_id):
            self._told.add(job_id)
            self._at_rest.clear()
            self._wake.set()
        await self._at_rest.wait()

    async def rest(self, seconds: float) -> None:
        """Wait for a hint, or as long as that.

        Args:
            seconds: How long at most.
        """
        if not self._wake.is_set():
            self._at_rest.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    async def sweep(self) -> int:
        """Take jobs that are due, as many as there are free slots; return how many.

        It waits for the first slot, so that a backlog is worked off without a pause.
        """
        free = await self._free_slots()
        if free < 1:
            return 0
        # Shielded: a stop must not come between a claim and its start, or the job waits for its lease.
        claiming = asyncio.create_task(self._claim(free))
        self._claiming.add(claiming)
        claiming.add_done_callback(self._claiming.discard)
        return await asyncio.shield(claiming)

    async def renew(self) -> None:
        """Prolong the leases of the jobs under way, and stop those that are no longer ours."""
        if not self._held:
            return
        ours = frozenset(self._held)
        async with self._database.statement() as connection:
            held = await claims.renew(connection, self._all, job_ids=ours)
        for job_id in ours - held:
            self._lose(job_id)
        if not self._haste.ahead:
            await self._hand_back(tuple(self._waiting))

    def _lose(self, job_id: UUID) -> None:
        if job_id not in self._held:
            return
        _logger.warning("job.stopped", job_id=str(job_id), reason="cancelled, or held by another worker")
        if (task := self._running.get(job_id)) is not None:
            task.cancel()
        else:
            self._forget(job_id)

    async def defer_foreign(self) -> None:
        """Put back, and count, what this build cannot run; said once of each kind."""
        async with self._database.statement() as connection:
            deferred = await upkeep.defer_foreign(connection, self._all)
        for (reason, kind), number in deferred.items():
            self.counts.deferred.labels(reason).inc(number)
            if (reason, kind) not in self._foreign:
                self._foreign.add((reason, kind))
                effect = "left to a worker that knows them"
                _logger.warning("jobs.deferred", reason=reason, kind=kind, number=number, effect=effect)

    async def drain(self, grace: timedelta) -> Drained:
        """Wait for the jobs under way; after the grace period hand back the rest, and say which.

        It ends a few seconds after the grace period, also when the database or a job does not answer.

        Args:
            grace: How long to wait.
        """
        began_s = monotonic_s()
        deadline_s = began_s + grace.total_seconds()
        self._left.clear()
        await self._end_claims()
        in_flight: dict[str, object] = {"in_flight": len(self._held)}
        self._stop_report = in_flight
        unstarted = await self._hand_back(tuple(self._waiting))
        held = tuple(self._running)
        if self._running:
            await asyncio.wait(self._running.values(), timeout=max(0.0, deadline_s - monotonic_s()))
        late = await self._hand_back(tuple(self._running))
        over = tuple(each for each in held if each not in {*late, *self._left})
        back, left = unstarted + late, tuple(self._left)
        drained = Drained(seconds=monotonic_s() - began_s, ended=over, handed_back=back, left=left)
        self._stop_report = in_flight | drained.counted
        return drained

    async def _end_claims(self) -> None:
        if self._claiming:
            _, late = await asyncio.wait(self._claiming, timeout=_PATIENCE_S)
            for claiming in late:
                claiming.cancel()

    async def _hand_back(self, job_ids: tuple[UUID, ...], *, reason: str = _STOPPED) -> tuple[UUID, ...]:
        is_back = await asyncio.gather(*(self._stop(self._held[job_id], reason=reason) for job_id in job_ids))
        return tuple(job_id for job_id, is_done in zip(job_ids, is_back, strict=True) if is_done)

    async def _stop(self, job: ClaimedJob, *, reason: str) -> bool:
        task = self._running.get(job.id)
        self._forget(job.id)
        try:
            if task is not None:
                await _end(task)
            async with asyncio.timeout(_PATIENCE_S):
                return await self._attempts.hand_back(job, reason=reason)
        except (TimeoutError, DatabaseUnavailableError) as error:
            _logger.warning(
                "job.left", job_id=str(job.id), error=type(error).__name__, effect="taken back by its lease"
            )
            self._left.append(job.id)
            return False

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._is_lonely:
            msg = "it has to run alone, and another job does so now"
            raise OccupiedError(msg)
        self._is_lonely = True
        try:
            if self._claiming:
                await asyncio.wait(self._claiming)
            await self._hand_back(tuple(self._waiting), reason="another job has to run alone")
            while len(self._running) > 1:
                self._freed.clear()
                await self._freed.wait()
            yield
        finally:
            self._is_lonely = False
            self._freed.set()
            self._fill_slots()

    async def _free_slots(self) -> int:
        while self._room() < 1:
            self._freed.clear()
            await self._freed.wait()
        if self._is_backlogged and not self._haste.ahead:
            await asyncio.sleep(_GATHER_S)
        return self._room()

    def _room(self) -> int:
        if self._is_lonely:
            return 0
        ahead = self._haste.ahead if self._is_backlogged else 0
        room = self._concurrency + ahead - len(self._held)
        # One by one would cost a claim for each.
        return room if not ahead or room >= ahead // 2 else 0

    async def _claim(self, free: int) -> int:
        taken, is_behind = 0, True
        try:
            while is_behind and taken < free:
                got, is_behind = await self._claim_round(free - taken)
                taken += got
        except DatabaseUnavailableError:
            self._is_backlogged = False
            raise
        self._is_backlogged = taken == free
        return taken

    async def _claim_round(self, free: int) -> tuple[int, bool]:
        full = self._full_kinds()
        claim = replace(self._all, kinds=tuple(kind for kind in self.kinds if kind not in full))
        async with self._database.statement() as connection:
            claimed = await claims.claim_due(
                connection, claim, limit=free, served=self._served, is_backlog=self._is_backlogged
            )
        self._served = claimed.served or self._served
        self._start(claimed)
        taken = len(claimed.jobs)
        for kind, job_ids in claimed.waiting.items():
            taken += await self._claim_limited(kind, job_ids)
        # The turns of a kind that is at its limit are for the others.
        return taken, self._full_kinds() > full

    def _full_kinds(self) -> frozenset[str]:
        now_s = monotonic_s()
        return frozenset(
            kind for kind, (until_s, held) in self._full.items() if now_s < until_s and held == self._held_of(kind)
        )

    def _held_of(self, kind: str) -> int:
        return sum(job.kind == kind for job in self._held.values())

    async def _claim_limited(self, kind: str, job_ids: tuple[UUID, ...]) -> int:
        at_once = self._kinds[kind].limit or 0
        async with self._database.unit_of_work() as connection:
            claim = replace(self._all, kinds=(kind,))
            claimed = await claims.claim_limited(connection, claim, at_once=at_once, job_ids=job_ids)
        self._start(claimed)
        if len(claimed.jobs) < len(job_ids):
            self._full[kind] = (monotonic_s() + _FULL_S, self._held_of(kind))
        return len(claimed.jobs)

    def _start(self, claimed: Claimed) -> None:
        self.counts.taken_over.inc(claimed.takeovers)
        for claim in claimed.jobs:
            job = replace(claim, is_told=self._remember(claim))
            if job.id in self._held:
                self._give_up_on(job.id)
            self._held[job.id] = job
            self._waiting.append(job.id)
        self._fill_slots()

    def _give_up_on(self, job_id: UUID) -> None:
        # Its lease ran out here and was taken here again: the attempt before must not run beside the new one.
        if (task := self._running.get(job_id)) is not None:
            task.cancel()
        self._forget(job_id)

    def _fill_slots(self) -> None:
        while self._waiting and not self._is_lonely and len(self._running) < self._concurrency:
            job = self._held[self._waiting.popleft()]
            told = replace(job, report=partial(self._report, job))
            task = asyncio.create_task(self._attempts.run(told))
            self._running[job.id] = task
            task.add_done_callback(partial(self._end, job, monotonic_s()))
        self.counts.busy.set(len(self._running))

    def _end(self, job: ClaimedJob, started_s: float, task: asyncio.Task[None]) -> None:
        if self._running.get(job.id) is task:
            self._forget(job.id)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("job.attempt_broken", job_id=str(job.id), error=type(error).__name__, where=place_of(error))
        self._haste.note(monotonic_s() - started_s)
        self._fill_slots()
        if job.kind in self._limited:
            # Its end makes room for the next one of its kind.
            self._wake.set()

    def _forget(self, job_id: UUID) -> None:
        self._held.pop(job_id, None)
        self._running.pop(job_id, None)
        with contextlib.suppress(ValueError):
            self._waiting.remove(job_id)
        self._freed.set()

    def _remember(self, job: ClaimedJob) -> bool:
        # Its message may still come; one comes for each time that it is queued, none for another attempt.
        is_told = self._told.drop(job.id)
        if not is_told and job.attempt == 1:
            self._untold.add(job.id)
        return is_told

    async def _report(self, job: ClaimedJob, percent: int, note: str) -> None:
        async with self._database.statement() as connection:
            await endings.report(connection, job, percent=max(0, min(100, int(percent))), note=str(note)[:_NOTE])


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    _, disobedient = await asyncio.wait({task}, timeout=_OBEDIENCE_S)
    if disobedient:
        # Nobody may start its job beside it.
        msg = "the job does not let itself be stopped"
        raise TimeoutError(msg)
