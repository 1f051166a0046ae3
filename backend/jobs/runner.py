"""The runner: claims jobs, runs them, and commits effect and end together."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from backend.core.clock import monotonic_s
from backend.core.errors import DatabaseUnavailableError
from backend.core.logging import get_logger
from backend.db.unit_of_work import Database
from backend.jobs import claims, endings, upkeep
from backend.jobs.attempts import Attempts
from backend.jobs.claims import Claim, Claimed
from backend.jobs.counts import Counts
from backend.jobs.haste import Haste
from backend.jobs.records import ENVELOPE, ClaimedJob, Kind, WorkerIdentity

_AHEAD = 5
# Under a backlog slots come free one by one; a short wait claims for several by one statement.
_GATHER_S = 0.005
_REMEMBERED = 10_000
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
    """What became of the jobs that were under way when a worker was told to stop.

    Attributes:
        ended: Jobs that came to their end within the grace period.
        handed_back: Jobs that others may start at once.
    """

    ended: tuple[UUID, ...]
    handed_back: tuple[UUID, ...]


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
        free = tuple(name for name, kind in kinds.items() if kind.limit is None)
        self._all = Claim(worker_id=worker.id, kinds=tuple(kinds), lease=limits.lease, envelope=limits.envelope)
        self._unlimited = replace(self._all, kinds=free)
        self._attempts = Attempts(database=database, kinds=kinds, worker=worker, counts=self.counts)
        self._held: dict[UUID, ClaimedJob] = {}
        self._waiting: deque[UUID] = deque()
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._haste = Haste(most=_AHEAD * limits.concurrency)
        self._claiming: set[asyncio.Task[int]] = set()
        self._recent: deque[UUID] = deque(maxlen=_REMEMBERED)
        self._known: set[UUID] = set()
        self._freed, self._wake, self._at_rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._served: UUID | None = None
        self._is_backlogged = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what this worker can run."""
        return self._all.kinds

    async def hint(self, job_id: UUID) -> None:
        """Look at the table at once, unless the job was here already; return when there is nothing left to claim.

        A message says that there is work. Which job comes first is for the table to say, or a message would jump the
        queue. That messages are not read while there is a backlog leaves them to workers that have nothing to do.

        Args:
            job_id: The job that the message names.
        """
        if job_id not in self._known:
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
        """Put back, and count, what this build cannot run."""
        async with self._database.statement() as connection:
            deferred = await upkeep.defer_foreign(connection, self._all)
        for reason, number in deferred.items():
            self.counts.deferred.labels(reason).inc(number)
            _logger.warning("jobs.deferred", reason=reason, number=number, effect="left to a worker that knows them")

    async def drain(self, grace: timedelta) -> Drained:
        """Wait for the jobs under way; after the grace period hand back the rest, and say which.

        Args:
            grace: How long to wait.
        """
        if self._claiming:
            await asyncio.wait(self._claiming)
        unstarted = await self._hand_back(tuple(self._waiting))
        held = tuple(self._running)
        if self._running:
            await asyncio.wait(self._running.values(), timeout=grace.total_seconds())
        late = await self._hand_back(tuple(self._running))
        return Drained(ended=tuple(each for each in held if each not in late), handed_back=unstarted + late)

    async def _hand_back(self, job_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        is_back = await asyncio.gather(*(self._stop(self._held[job_id]) for job_id in job_ids))
        return tuple(job_id for job_id, is_done in zip(job_ids, is_back, strict=True) if is_done)

    async def _stop(self, job: ClaimedJob) -> bool:
        task = self._running.get(job.id)
        self._forget(job.id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        return await self._attempts.hand_back(job)

    async def _free_slots(self) -> int:
        while self._room() < 1:
            self._freed.clear()
            await self._freed.wait()
        if self._is_backlogged and not self._haste.ahead:
            await asyncio.sleep(_GATHER_S)
        return self._room()

    def _room(self) -> int:
        ahead = self._haste.ahead if self._is_backlogged else 0
        room = self._concurrency + ahead - len(self._held)
        # One by one would cost a claim for each.
        return room if not ahead or room >= ahead // 2 else 0

    async def _claim(self, free: int) -> int:
        try:
            async with self._database.statement() as connection:
                claimed = await claims.claim_due(
                    connection, self._unlimited, limit=free, served=self._served, limited=self._limited
                )
        except DatabaseUnavailableError:
            self._is_backlogged = False
            raise
        self._start(claimed)
        taken = len(claimed.jobs)
        for kind in claimed.waiting:
            taken += await self._claim_limited(kind, free - taken)
        self._is_backlogged = taken == free
        return taken

    async def _claim_limited(self, kind: str, free: int) -> int:
        at_once = self._kinds[kind].limit
        if free < 1 or at_once is None:
            return 0
        async with self._database.unit_of_work() as connection:
            claim = replace(self._all, kinds=(kind,))
            claimed = await claims.claim_limited(connection, claim, at_once=at_once, limit=free)
        self._start(claimed)
        return len(claimed.jobs)

    def _start(self, claimed: Claimed) -> None:
        self.counts.taken_over.inc(claimed.takeovers)
        for job in claimed.jobs:
            self._remember(job)
            self._held[job.id] = job
            self._waiting.append(job.id)
        self._fill_slots()

    def _fill_slots(self) -> None:
        while self._waiting and len(self._running) < self._concurrency:
            job = self._held[self._waiting.popleft()]
            told = replace(job, report=partial(self._report, job))
            task = asyncio.create_task(self._attempts.run(told))
            self._running[job.id] = task
            task.add_done_callback(partial(self._end, job, monotonic_s()))
        self.counts.busy.set(len(self._running))

    def _end(self, job: ClaimedJob, started_s: float, task: asyncio.Task[None]) -> None:
        if self._running.get(job.id) is task:
            self._forget(job.id)
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

    def _remember(self, job: ClaimedJob) -> None:
        self._served = job.twin_id
        if len(self._recent) == _REMEMBERED:
            self._known.discard(self._recent[0])
        self._recent.append(job.id)
        self._known.add(job.id)

    async def _report(self, job: ClaimedJob, percent: int, note: str) -> None:
        async with self._database.statement() as connection:
            await endings.report(connection, job, percent=max(0, min(100, int(percent))), note=str(note)[:_NOTE])
