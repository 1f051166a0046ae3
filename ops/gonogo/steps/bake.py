"""Watch the released version for a stated time against thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.errors import StepFailedError
from gonogo.model import Limits, Plan
from gonogo.protocols import Context, Proof, StepKind


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    """One probe: whether a ready process of the target answered, and how fast."""

    is_good: bool
    ms: float


class Bake:
    """Step 9: not only good at once, but good for a while."""

    name = "bake"
    kind = StepKind.PROOF

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"watch {plan.target_version}: error share, latency, workers, requests"

    def check(self, context: Context) -> bool:
        """Return False: the time is watched whole or not at all."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Probe at the configured rate for the configured time, and note what came back."""
        limits, clock = context.config.target.limits, context.world.clock
        began_at = clock.now().timestamp()
        deadline = clock.monotonic() + limits.bake_s
        samples: list[_Sample] = []
        while clock.monotonic() < deadline or not samples:
            samples.append(_probe(context))
            clock.sleep(1 / limits.bake_rate)
        requests = [each for each in context.world.traffic.requests() if each.at >= began_at]
        context.note(
            {
                "probes": len(samples),
                "bad": sum(not sample.is_good for sample in samples),
                "p95_ms": _p95([sample.ms for sample in samples]),
                "workers": _beating_count(context),
                "requests": len(requests),
                "requests_failed": sum(each.failed for each in requests),
                "unsent": context.world.traffic.is_expected and not requests,
            }
        )

    def verify(self, context: Context) -> Proof:
        """Hold what was seen against the thresholds.

        Raises:
            StepFailedError: a threshold was crossed.
        """
        limits, seen = context.config.target.limits, context.notes[self.name]
        share = (seen["bad"] + seen["requests_failed"]) / (seen["probes"] + seen["requests"])
        problems = _crossed(seen, share, limits)
        if problems:
            raise StepFailedError("bake-failed", "; ".join(problems))
        evidence = {
            "watched": f"{limits.bake_s:g} s, {seen['probes']} probes, {seen['requests']} requests",
            "failed": f"{seen['bad']} probes, {seen['requests_failed']} requests",
            "p95": f"{seen['p95_ms']:.0f} ms",
            "workers": f"{seen['workers']} beating",
        }
        return Proof(evidence=evidence)

    def revert(self, context: Context) -> Proof:
        """Do nothing: watching changes nothing."""
        del context
        return Proof(evidence={})


def _probe(context: Context) -> _Sample:
    """Ask the ready probe once."""
    ready = context.world.service.ready()
    return _Sample(is_good=ready.ready and ready.commit == context.plan.target_commit, ms=ready.ms)


def _crossed(seen: Mapping[str, Any], share: float, limits: Limits) -> list[str]:
    """Return the thresholds that were crossed, in words."""
    problems = []
    if share > limits.bake_error_share:
        problems.append(f"{share:.1%} of probes and requests failed, {limits.bake_error_share:.1%} allowed")
    if seen["p95_ms"] > limits.bake_p95_ms:
        problems.append(f"p95 {seen['p95_ms']:.0f} ms, {limits.bake_p95_ms:.0f} ms allowed")
    if seen["unsent"]:
        problems.append("no request was sent while it was watched: the traffic has died")
    if seen["workers"] == 0:
        problems.append("no worker beats any more")
    return problems


def _beating_count(context: Context) -> int:
    """Return how many workers beat now."""
    limit = context.config.target.limits.worker_beat_s
    return sum(beat.state == "running" and beat.age_s <= limit for beat in context.world.service.workers())


def _p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]
