"""What a watch saw, and whether it is good, bad or too little to say: the statistics of the bake. Pure.

Too little is a third answer. Of three probes one that failed says neither that one in three does, nor that it was
chance; it says that one has to look longer.
"""

import math
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from gonogo.model import Limits

# How often a good release may be called bad by chance, in one judgement; and while it is still being watched, where it
# is judged again and again.
DOUBT, EARLY_DOUBT = 0.05, 0.001
# How many times more closely it is watched while what was seen is not enough.
HURRY = 5
# Fewer observations than this condemn nothing, whatever they say: of probes and requests, and of jobs.
_FEWEST, _FEWEST_JOBS = 10, 4
# As many canary jobs have to come back before they say that jobs are run.
_CANARIES = 3
# The 95th percentile is within its limit when no more than this share is slower.
_SLOW_SHARE = 0.05
# One-sided, 95 of 100.
_Z = 1.645
# Fewer jobs than this are no pile.
_PILE = 20
# So many replaced workers, restarts or empty looks are not bad luck any more.
_AGAIN = 2
# Slower than before by this factor and by this much, and still within its limit, is worth a word.
_SLOWER, _SLOWER_MS = 3.0, 50.0


class Weight(StrEnum):
    """What was seen says of a release."""

    GOOD = "pass"
    BAD = "fail"
    THIN = "not enough evidence"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was counted while a release was watched.

    Attributes:
        watched_s: for how long, the extension included.
        extended_s: how much of it was the extension.
        bad: probes that no ready process of the target answered.
        slow: probes that took longer than allowed.
        why_bad: what the first bad probe said; empty when none was bad.
        unsent: requests were to be sent, and none was.
        canary_problem: what was wrong with the first canary job that did not come back; empty when all did.
        looks: how often the workers' heartbeats were read.
        looks_without: how often none of the target's beat.
        workers: how many beat in the end.
        replaced: how many vanished and came back under another id.
        strangers: the versions of workers that beat in the end and are not the target's.
        ready: jobs that wait for a worker; `ready_before` when the watch began.
        oldest_s: how long the oldest of them has waited.
        queue_problem: why the queue could not be read; empty when it could.
        restarts: how much the platform's count of restarts has grown; None when it did not say.
    """

    watched_s: float = 0.0
    extended_s: float = 0.0
    probes: int = 0
    bad: int = 0
    slow: int = 0
    median_ms: float = 0.0
    p95_ms: float = 0.0
    why_bad: str = ""
    requests: int = 0
    requests_failed: int = 0
    unsent: bool = False
    canaries: int = 0
    canaries_bad: int = 0
    canary_problem: str = ""
    looks: int = 0
    looks_without: int = 0
    workers: int = 0
    replaced: int = 0
    strangers: str = ""
    jobs_ended: int = 0
    jobs_failed: int = 0
    ready: int = 0
    ready_before: int = 0
    oldest_s: float = 0.0
    oldest_before_s: float = 0.0
    queue_problem: str = ""
    restarts: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What one signal says.

    Attributes:
        words: what was seen, with the limit that it was held against.
        odd: worth a word although it is good; empty when it is not.
    """

    signal: str
    weight: Weight
    words: str
    odd: str = ""


def of_notes(notes: Any) -> Seen:  # JSON from the journal
    """Return what was noted; keys that another version noted are left out."""
    known = {each.name for each in fields(Seen)}
    return Seen(**{key: value for key, value in notes.items() if key in known})


def judge(seen: Seen, limits: Limits, *, doubt: float = DOUBT) -> tuple[Judged, ...]:
    """Return what every signal says."""
    return (
        _probes(seen, limits, doubt),
        _latency(seen, limits, doubt),
        _requests(seen, limits, doubt),
        _canaries(seen, limits, doubt),
        _jobs(seen, limits, doubt),
        _queue(seen, limits),
        _workers(seen),
        _restarts(seen),
    )


def is_lost(seen: Seen, limits: Limits) -> bool:
    """Return whether what was counted so far condemns the release, however long it is still watched."""
    return any(
        judged(seen, limits, EARLY_DOUBT).weight is Weight.BAD for judged in (_probes, _latency, _canaries, _jobs)
    )


def slower(seen: Seen, before: float | None) -> str:
    """Return how much slower the probes are than before the release, in words; empty when that is no matter."""
    if not before or seen.median_ms < max(before * _SLOWER, before + _SLOWER_MS):
        return ""
    return f"half of the probes take {seen.median_ms:.0f} ms or more; it was {before:.0f} ms before the release"


def weigh(bad: int, total: int, allowed: float, *, enough: int, fewest: int, doubt: float = DOUBT) -> Weight:
    """Return what a count says of a share.

    Args:
        bad: how many were bad.
        total: of how many.
        allowed: the share that may be, 0 to 1.
        enough: fewer than this acquit nothing.
        fewest: fewer than this condemn nothing.
        doubt: how likely so many are by chance where the share is what is allowed, at most, to condemn.
    """
    if total >= fewest and bad > allowed * total and at_least(bad, total, allowed) <= doubt:
        return Weight.BAD
    return Weight.GOOD if total >= enough and bad <= allowed * total else Weight.THIN


def at_least(bad: int, total: int, share: float) -> float:
    """Return how likely it is that so many or more of a total are bad by chance: the binomial's upper tail."""
    if bad <= 0:
        return 1.0
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    ways = math.lgamma(total + 1) - math.lgamma(bad + 1) - math.lgamma(total - bad + 1)
    term = math.exp(ways + bad * math.log(share) + (total - bad) * math.log1p(-share))
    tail = 0.0
    for count in range(bad, total + 1):
        tail += term
        term *= (total - count) / (count + 1) * share / (1.0 - share)
    return min(1.0, tail)


def at_most(bad: int, total: int) -> float:
    """Return the share that is bad at most, by 95 of 100: Wilson's upper bound."""
    if not total:
        return 1.0
    share, weight = bad / total, _Z**2 / total
    spread = _Z * math.sqrt((share * (1 - share) + weight / 4) / total)
    return min(1.0, (share + weight / 2 + spread) / (1 + weight))


def _probes(seen: Seen, limits: Limits, doubt: float) -> Judged:
    """Judge how many probes a ready process of the target answered."""
    allowed = limits.bake_error_share
    weight = weigh(seen.bad, seen.probes, allowed, enough=limits.bake_min_requests, fewest=_FEWEST, doubt=doubt)
    words = f"{seen.bad} of {seen.probes} failed, {allowed:.1%} allowed"
    if weight is Weight.GOOD:
        words = f"{words}; by 95 of 100 no more than {at_most(seen.bad, seen.probes):.1%} do"
    if weight is Weight.THIN and seen.probes < limits.bake_min_requests:
        words = f"{words}; {limits.bake_min_requests} are wanted"
    if seen.why_bad:
        words = f"{words}; the first: {seen.why_bad}"
    return Judged(signal="probes", weight=weight, words=words)


def _latency(seen: Seen, limits: Limits, doubt: float) -> Judged:
    """Judge how fast they were answered."""
    weight = weigh(seen.slow, seen.probes, _SLOW_SHARE, enough=limits.bake_min_requests, fewest=_FEWEST, doubt=doubt)
    words = f"p95 {seen.p95_ms:.0f} ms, {limits.bake_p95_ms:.0f} ms allowed"
    return Judged(signal="latency", weight=weight, words=words)


def _requests(seen: Seen, limits: Limits, doubt: float) -> Judged:
    """Judge the traffic, where there is any: the probes are what there always is."""
    if seen.unsent:
        words = "no request was sent while it was watched: the traffic has died"
        return Judged(signal="requests", weight=Weight.BAD, words=words)
    if not seen.requests:
        return Judged(signal="requests", weight=Weight.GOOD, words="no traffic was measured")
    allowed = limits.bake_error_share
    weight = weigh(seen.requests_failed, seen.requests, allowed, enough=0, fewest=_FEWEST, doubt=doubt)
    words = f"{seen.requests_failed} of {seen.requests} failed, {allowed:.1%} allowed"
    return Judged(signal="requests", weight=weight, words=words)


def _canaries(seen: Seen, limits: Limits, doubt: float) -> Judged:
    """Judge the jobs that were sent through API, Redis, worker and database."""
    allowed = limits.jobs_failure_share
    weight = weigh(
        seen.canaries_bad, seen.canaries, allowed, enough=_CANARIES, fewest=_FEWEST_JOBS, doubt=doubt
    )  # fmt: skip
    words = f"{seen.canaries_bad} of {seen.canaries} did not come back from the target"
    if seen.canary_problem:
        words = f"{words}; the first: {seen.canary_problem}"
    return Judged(signal="canary jobs", weight=weight, words=words)


def _jobs(seen: Seen, limits: Limits, doubt: float) -> Judged:
    """Judge how jobs ended, everybody's and the canaries; with none of them the canaries have to do."""
    if seen.queue_problem:
        odd = f"the queue could not be read, so nobody's jobs but the canaries were watched: {seen.queue_problem}"
        return Judged(signal="jobs", weight=Weight.GOOD, words="not read", odd=odd)
    allowed = limits.jobs_failure_share
    weight = weigh(seen.jobs_failed, seen.jobs_ended, allowed, enough=0, fewest=_FEWEST_JOBS, doubt=doubt)
    words = f"{seen.jobs_failed} of {seen.jobs_ended} that ended were given up, {allowed:.0%} allowed"
    return Judged(signal="jobs", weight=weight, words=words)


def _queue(seen: Seen, limits: Limits) -> Judged:
    """Judge what waits: how long, and whether anything is done about it. What waited before is not the release's."""
    if seen.queue_problem:
        return Judged(signal="queue", weight=Weight.GOOD, words="not read")
    words = f"{seen.ready} ready, {seen.ready_before} at first; the oldest for {seen.oldest_s:.0f} s"
    allowed = limits.jobs_oldest_s
    if seen.oldest_s > allowed:
        words = f"{words}, {allowed:g} s allowed"
        if seen.oldest_before_s <= allowed:
            return Judged(signal="queue", weight=Weight.BAD, words=words)
        return Judged(signal="queue", weight=Weight.GOOD, words=words, odd=f"it was so before: {words}")
    piled = seen.ready - seen.ready_before
    if piled >= _PILE and piled > seen.jobs_ended:
        words = f"{words}; more have piled up than the {seen.jobs_ended} that ended"
        return Judged(signal="queue", weight=Weight.BAD, words=words)
    return Judged(signal="queue", weight=Weight.GOOD, words=words)


def _workers(seen: Seen) -> Judged:
    """Judge the heartbeats."""
    words = f"{seen.workers} beating, {seen.replaced} replaced, none at {seen.looks_without} of {seen.looks} looks"
    problems = {
        "no worker beats any more": not seen.workers,
        f"workers of {seen.strangers} beat too": bool(seen.strangers),
        f"{seen.replaced} workers vanished and came back under new ids: they crash": seen.replaced >= _AGAIN,
        f"no worker beat at {seen.looks_without} of {seen.looks} looks": seen.looks_without >= _AGAIN,
    }
    if found := [problem for problem, is_so in problems.items() if is_so]:
        return Judged(signal="workers", weight=Weight.BAD, words="; ".join(found))
    odd = f"a worker was gone for a moment: {words}" if seen.replaced or seen.looks_without else ""
    return Judged(signal="workers", weight=Weight.GOOD, words=words, odd=odd)


def _restarts(seen: Seen) -> Judged:
    """Judge the platform's count of restarts, which may lag and is never held against a release by being small."""
    if seen.restarts is None:
        return Judged(signal="restarts", weight=Weight.GOOD, words="Coolify did not say")
    words = f"Coolify counts {seen.restarts} more"
    if seen.restarts >= _AGAIN:
        return Judged(signal="restarts", weight=Weight.BAD, words=f"{words}: containers crash and come back")
    return Judged(signal="restarts", weight=Weight.GOOD, words=words, odd=words if seen.restarts > 0 else "")
