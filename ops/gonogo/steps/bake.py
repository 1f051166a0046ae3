"""Watch the released version for a stated time: good, bad, or not enough to say."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from gonogo import evidence, rollout
from gonogo.errors import ConfigurationError, NoGoError, RefusedError, StepFailedError, UnreachableError
from gonogo.evidence import Judged, Seen, Weight
from gonogo.model import (
    Finding,
    JobState,
    Outcomes,
    Plan,
    QueueFacts,
    QueueRow,
    Request,
    Severity,
    WorkerBeat,
    version_of,
)
from gonogo.protocols import Context, Proof, StepKind

# How often in a watch a canary job is sent, the queue is read and what was counted is noted.
_ROUNDS = 5
# After so much of the extension it is asked whether that is enough now.
_PART_S = 3.0
_OVER = {"done", "failed", "dead", "cancelled"}
# What a clock's seconds may be off by, and how much of a message is noted.
_EPSILON_S, _SHOWN = 1e-6, 200


class Bake:
    """Step 9: not only good at once, but good for a while."""

    name = "bake"
    kind = StepKind.PROOF

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"watch {plan.target_version}: errors, latency, canary jobs, queue, workers, requests"

    def check(self, context: Context) -> bool:
        """Return False: the time is watched whole or not at all."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Watch for the configured time, and longer while that is not enough to say anything."""
        limits, watch = context.config.target.limits, _Watch(context)
        watch.through(limits.bake_s, limits.bake_rate, rounds=_ROUNDS)
        deadline = watch.clock.monotonic() + limits.bake_extend_s
        while watch.is_thin() and watch.clock.monotonic() < deadline - _EPSILON_S:
            part = min(_PART_S, deadline - watch.clock.monotonic())
            watch.extended_s += part
            watch.through(part, limits.bake_rate * evidence.HURRY, rounds=1)

    def verify(self, context: Context) -> Proof:
        """Hold what was seen against the limits.

        Raises:
            StepFailedError: a limit was crossed, or what was seen is not enough to say that none was.
        """
        target, seen = context.config.target, evidence.of_notes(context.notes[self.name]["seen"])
        judged = evidence.judge(seen, target.limits)
        if bad := _by(judged, Weight.BAD):
            raise StepFailedError("bake-failed", "; ".join(f"{each.signal}: {each.words}" for each in bad))
        thin = _by(judged, Weight.THIN)
        if thin and not target.accept_thin_bake:
            raise _inconclusive(context, seen, thin)
        before = context.notes.get("preflight", {}).get("baseline_ms")
        odd = (*(each.odd for each in judged if each.odd), *filter(None, (evidence.slower(seen, before),)))
        accepted = tuple(
            f"not enough evidence, accepted ({target.accept_thin_bake}): {each.signal}: {each.words}" for each in thin
        )
        findings = tuple(Finding(rule="bake", severity=Severity.ADVISE, message=each) for each in (*accepted, *odd))
        return Proof(evidence=_evidence(seen, judged), findings=findings)

    def revert(self, context: Context) -> Proof:
        """Do nothing: watching changes nothing."""
        del context
        return Proof(evidence={})


@dataclass(kw_only=True)
class _Workers:
    """The workers that were seen to beat, look by look."""

    limit_s: float
    commit: str
    looks: int = 0
    without: int = 0
    most: int = 0
    ids: set[str] = field(default_factory=set)
    beating: tuple[WorkerBeat, ...] = ()

    def look(self, beats: Sequence[WorkerBeat]) -> None:
        """Take one look into account."""
        self.beating = tuple(beat for beat in beats if beat.state == "running" and beat.age_s <= self.limit_s)
        ours = {beat.id for beat in self.beating if beat.commit == self.commit}
        self.looks += 1
        self.without += not ours
        self.most = max(self.most, len(ours))
        self.ids |= ours

    @property
    def strangers(self) -> str:
        """Return the other versions that beat."""
        return ", ".join(sorted({version_of(beat.commit) for beat in self.beating if beat.commit != self.commit}))

    @property
    def count(self) -> int:
        """Return how many of ours beat."""
        return sum(beat.commit == self.commit for beat in self.beating)


@dataclass(kw_only=True)
class _Canaries:
    """The canary jobs that were sent: which are under way, and what came of the others."""

    sent: int = 0
    bad: int = 0
    problem: str = ""
    waiting: dict[str, float] = field(default_factory=dict)

    def fail(self, problem: str) -> None:
        """Count one that did not come back."""
        self.bad += 1
        self.problem = self.problem or problem


class _Watch:
    """One watch over a release: what was counted so far."""

    def __init__(self, context: Context) -> None:
        """Look at what must not get worse."""
        self.context = context
        self.clock = context.world.clock
        self.limits = context.config.target.limits
        self.began, self.began_at = self.clock.monotonic(), self.clock.now().timestamp()
        self.extended_s = 0.0
        self.took_ms: list[float] = []
        self.bad, self.why_bad = 0, ""
        self.canaries = _Canaries()
        self.workers = _Workers(limit_s=self.limits.worker_beat_s, commit=context.plan.target_commit)
        self.next_look = self.began
        self.restarts_before = self.restarts = self._restarts()
        self.queue_problem, self.outcomes = "", Outcomes(ended=0, failed=0)
        self.before = self.queue = QueueFacts(rows=(), ended=0, failed=0)
        self._read_queue()
        self.before = self.queue

    def through(self, seconds: float, rate: float, *, rounds: int) -> None:
        """Watch for a time, in so many rounds, and note what was counted; it ends early once the release is lost."""
        began = self.clock.monotonic()
        for number in range(1, rounds + 1):
            self._send_canary()
            self._probe_until(began + seconds * number / rounds, rate)
            if number == rounds:
                self._settle_canaries()
            self._round_up()
            if self._is_lost():
                return

    def is_thin(self) -> bool:
        """Return whether nothing condemns the release and something does not acquit it."""
        weights = {each.weight for each in evidence.judge(self._seen(self._requests()), self.limits)}
        return Weight.THIN in weights and Weight.BAD not in weights

    def _is_lost(self) -> bool:
        """Return whether it need not be watched any longer; the traffic is told at the end."""
        return evidence.is_lost(self._seen(()), self.limits)

    def _seen(self, requests: Sequence[Request]) -> Seen:
        """Return what was counted so far."""
        ready, ready_before = _ready(self.queue), _ready(self.before)
        return Seen(
            watched_s=round(self.clock.monotonic() - self.began, 1),
            extended_s=round(self.extended_s, 1),
            probes=len(self.took_ms),
            bad=self.bad,
            slow=sum(each > self.limits.bake_p95_ms for each in self.took_ms),
            median_ms=round(statistics.median(self.took_ms or [0.0]), 1),
            p95_ms=round(_p95(self.took_ms or [0.0]), 1),
            why_bad=self.why_bad,
            requests=len(requests),
            requests_failed=sum(each.failed for each in requests),
            unsent=self.context.world.traffic.is_expected and not requests,
            canaries=self.canaries.sent - len(self.canaries.waiting),
            canaries_bad=self.canaries.bad,
            canary_problem=self.canaries.problem,
            looks=self.workers.looks,
            looks_without=self.workers.without,
            workers=self.workers.count,
            replaced=len(self.workers.ids) - self.workers.most,
            strangers=self.workers.strangers,
            jobs_ended=self.outcomes.ended,
            jobs_failed=self.outcomes.failed,
            ready=ready.count,
            ready_before=ready_before.count,
            oldest_s=ready.oldest_s or 0.0,
            oldest_before_s=ready_before.oldest_s or 0.0,
            queue_problem=self.queue_problem,
            restarts=_grown(self.restarts_before, self.restarts),
        )

    def _requests(self) -> tuple[Request, ...]:
        """Return the traffic of the watch."""
        return tuple(each for each in self.context.world.traffic.requests() if each.at >= self.began_at)

    def _probe_until(self, end: float, rate: float) -> None:
        """Probe at a rate until a time, and look at the workers now and then."""
        began, count = self.clock.monotonic(), 0
        while self.clock.monotonic() < end - _EPSILON_S or not self.took_ms:
            self._probe()
            if self.clock.monotonic() >= self.next_look:
                self._look()
                if self._is_lost():
                    return
            count += 1
            self.clock.sleep(max(0.0, began + count / rate - self.clock.monotonic()))

    def _probe(self) -> None:
        """Ask the ready probe once."""
        ready = self.context.world.service.ready()
        self.took_ms.append(ready.ms)
        if ready.ready and ready.commit == self.context.plan.target_commit:
            return
        self.bad += 1
        said = ready.detail or f"{version_of(ready.commit)} answered"
        self.why_bad = self.why_bad or said[:_SHOWN]

    def _look(self) -> None:
        """Read the workers' heartbeats."""
        self.workers.look(self.context.world.service.workers())
        self.next_look = self.clock.monotonic() + self.limits.worker_beat_s / 3

    def _send_canary(self) -> None:
        """Send a canary job; one that is not taken did not come back."""
        self.canaries.sent += 1
        try:
            job_id = self.context.world.service.start_canary()
        except (UnreachableError, RefusedError) as error:
            self.canaries.fail(error.message[:_SHOWN])
            return
        self.canaries.waiting[job_id] = self.clock.monotonic()

    def _collect_canaries(self) -> None:
        """See which canary jobs came back, and from whom."""
        for job_id, since in tuple(self.canaries.waiting.items()):
            with suppress(UnreachableError, RefusedError):
                self._weigh_canary(self.context.world.service.job(job_id))
            if job_id in self.canaries.waiting and self.clock.monotonic() - since >= self.limits.canary_timeout_s:
                del self.canaries.waiting[job_id]
                self.canaries.fail(f"{job_id} did not end within {self.limits.canary_timeout_s:g} s")

    def _weigh_canary(self, job: JobState) -> None:
        """Count a canary job that is over."""
        if job.status not in _OVER:
            return
        del self.canaries.waiting[job.id]
        if job.status != "done" or job.commit != self.context.plan.target_commit:
            self.canaries.fail(f"{job.id} is {job.status} by {version_of(job.commit)}")

    def _settle_canaries(self) -> None:
        """Wait until every canary job came back or is late."""
        poll_s = min(self.limits.poll_s, 0.2)
        rollout.until(self.clock, self.limits.canary_timeout_s + poll_s, poll_s, self._all_back)

    def _all_back(self) -> bool:
        """Return whether no canary job is under way any more."""
        self._collect_canaries()
        return not self.canaries.waiting

    def _round_up(self) -> None:
        """Look once more at everything, and note what was counted."""
        self._collect_canaries()
        self._look()
        self._read_queue()
        self.restarts = self._restarts()
        seen = self._seen(self._requests())
        so_far = f"{seen.watched_s:g} s: {seen.bad} of {seen.probes} probes bad, {seen.canaries} canary jobs back"
        self.context.note({"so_far": so_far, "seen": asdict(seen)})

    def _read_queue(self) -> None:
        """Read what waits and how jobs ended since the watch began; a queue that is not ours to read is told."""
        try:
            self.queue = self.context.world.jobs.facts()
            self.outcomes = self.context.world.jobs.outcomes(self.clock.monotonic() - self.began)
        except (UnreachableError, RefusedError, NoGoError) as error:
            self.queue_problem = error.message[:_SHOWN]
            return
        self.queue_problem = ""

    def _restarts(self) -> int | None:
        """Return how many restarts the platform counts; None when it does not say."""
        target, platform = self.context.config.target, self.context.world.platform
        try:
            return sum(platform.application(uuid).restart_count for uuid in (target.api_uuid, target.worker_uuid))
        except (UnreachableError, RefusedError, ConfigurationError):
            return None


def _by(judged: Sequence[Judged], weight: Weight) -> tuple[Judged, ...]:
    """Return the signals of one weight."""
    return tuple(each for each in judged if each.weight is weight)


def _inconclusive(context: Context, seen: Seen, thin: Sequence[Judged]) -> StepFailedError:
    """Return what is said of a watch that showed too little."""
    said = "; ".join(f"{each.signal}: {each.words}" for each in thin)
    message = f"not enough evidence after {seen.watched_s:g} s: {said}"
    why = "a release that is not seen to be good is not taken for good"
    at = f"[environments.{context.plan.environment}]"
    hint = f'raise limits.bake_extend_s or bake_rate of {at}, or accept it there: accept_thin_bake = "why"'
    return StepFailedError("bake-inconclusive", message, why=why, hint=hint)


def _evidence(seen: Seen, judged: Sequence[Judged]) -> dict[str, str]:
    """Return what was seen, in words: how long, by what, and what each signal says."""
    longer = f", extended by {seen.extended_s:g} s" if seen.extended_s else ""
    sent = f"{seen.probes} probes, {seen.looks} looks at the workers, {seen.canaries} canary jobs"
    watched = {"watched": f"{seen.watched_s:g} s{longer}: {sent}, {seen.requests} requests of others"}
    return {**watched, **{each.signal: each.words for each in judged}}


def _ready(queue: QueueFacts) -> QueueRow:
    """Return the jobs of every kind that wait for a worker, as one row."""
    rows = [row for row in queue.rows if row.state == "ready"]
    oldest_s = max((row.oldest_s or 0.0 for row in rows), default=0.0)
    return QueueRow(kind="", state="ready", count=sum(row.count for row in rows), oldest_s=oldest_s)


def _grown(before: int | None, now: int | None) -> int | None:
    """Return how much a count has grown; None when either is not known. A deployment sets it back to zero."""
    return None if before is None or now is None else max(0, now - before)


def _p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]
