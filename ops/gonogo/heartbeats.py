"""Who works, by the workers' own heartbeats: only new ones, enough of them, and how the old ones stopped."""

from collections.abc import Sequence
from dataclasses import dataclass

from gonogo import rollout
from gonogo.model import Finding, Severity, WorkerBeat, version_of
from gonogo.protocols import Context

_STATES = {"running", "stopping"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Farewell:
    """How workers stopped that were replaced."""

    evidence: dict[str, str]
    findings: tuple[Finding, ...]


class Watch:
    """What the heartbeats said over the settling time: one commit, one build, one configuration, enough workers."""

    def __init__(self, context: Context, commit: str) -> None:
        """Watch until it was so for the settling time, or time is up."""
        self.commit = commit
        self._context = context
        self._beats: tuple[WorkerBeat, ...] = ()
        self.is_steady = rollout.steady(context, self._is_good)

    def _is_good(self) -> bool:
        """Look once."""
        self._beats = beating(self._context)
        return not self._wrong()

    def _wrong(self) -> str:
        """Return what is not as it must be; empty when nothing is."""
        seen = sorted({_named(beat) for beat in self._beats})
        if seen != [version_of(self.commit)]:
            return f"workers beating: {', '.join(seen) or 'none'}; expected only {version_of(self.commit)}"
        if len({(beat.build_id, beat.fingerprint) for beat in self._beats}) > 1:
            made = sorted({f"{beat.build_id} set up as {beat.fingerprint}" for beat in self._beats})
            return f"workers of {version_of(self.commit)} are not alike: {', '.join(made)}"
        expected = self._context.config.target.worker_replicas
        if len(self._beats) < expected:
            return f"{len(self._beats)} of {expected} workers of {version_of(self.commit)} beat"
        return ""

    @property
    def said(self) -> str:
        """Return what was seen instead; what came right too late for the settling time is said too."""
        return self._wrong() or f"workers of {version_of(self.commit)} do not beat without a break"

    @property
    def builds(self) -> frozenset[str]:
        """Return the builds that work; none when they do not say."""
        return frozenset(beat.build_id for beat in self._beats if beat.build_id)

    @property
    def fingerprint(self) -> str | None:
        """Return the configuration's fingerprint; None when it was not told."""
        return self._beats[0].fingerprint if self._beats else None

    @property
    def evidence(self) -> dict[str, str]:
        """Return what was seen, in words."""
        expected = self._context.config.target.worker_replicas
        return {
            "beating": version_of(self.commit),
            "workers": f"{len(self._beats)} seen, {expected} expected",
            "worker build": ", ".join(sorted(self.builds)) or "not told",
            "worker configuration": self.fingerprint or "not told: set CONFIG_FINGERPRINT_KEY for API and worker",
        }


def beating(context: Context) -> tuple[WorkerBeat, ...]:
    """Return the workers that beat now, those that are stopping among them."""
    limit = context.config.target.limits.worker_beat_s
    return tuple(beat for beat in context.world.service.workers() if beat.state in _STATES and beat.age_s <= limit)


def are_of(context: Context, commit: str) -> bool:
    """Return whether workers of one commit beat, and none else."""
    return {_named(beat) for beat in beating(context)} == {version_of(commit)}


def farewell(context: Context, ids: Sequence[str]) -> Farewell:
    """Return how the workers stopped that were there before: what they had in hand, and what became of it."""
    if not ids:
        return Farewell(evidence={}, findings=())
    last = {beat.id: beat for beat in context.world.service.workers()}
    gone = [last.get(each) for each in ids]
    stopped = [beat for beat in gone if beat and beat.state == "stopped"]
    silent = len(gone) - len(stopped)
    said = ", ".join(part for part in (_stopped(stopped), f"{silent} gone without a word" if silent else "") if part)
    return Farewell(evidence={"old workers": said}, findings=_unsettled(stopped, silent))


def _stopped(beats: Sequence[WorkerBeat]) -> str:
    """Return how some workers stopped, in words; empty when there is none."""
    if not beats:
        return ""
    told = [beat.stop for beat in beats if beat.stop and beat.stop.seconds is not None]
    if len(told) < len(beats):
        return f"{len(beats)} stopped, not all said what became of their jobs"
    longest = max(stop.seconds or 0.0 for stop in told)
    sums = {
        name: sum(getattr(stop, name) or 0 for stop in told) for name in ("in_flight", "ended", "handed_back", "left")
    }
    became = f"{sums['ended']} ended, {sums['handed_back']} handed back, {sums['left']} left to their leases"
    return f"{len(beats)} stopped after {longest:.1f} s; of {sums['in_flight']} jobs in flight {became}"


def _unsettled(stopped: Sequence[WorkerBeat], silent: int) -> tuple[Finding, ...]:
    """Return a finding when jobs wait for their leases: they were neither ended nor handed back."""
    left = sum(beat.stop.left or 0 for beat in stopped if beat.stop)
    if not left and not silent:
        return ()
    who = f"{silent} old workers ended without a word" if silent else f"old workers left {left} jobs"
    message = f"{who}: what they had in hand starts again when its leases run out"
    hint = (
        "look at `oldest` in jobs.status; a stop grace period shorter than WORKER_GRACE_SECONDS and 8 s ends them early"
    )
    return (Finding(rule="worker-farewell", severity=Severity.ADVISE, message=message, hint=hint),)


def _named(beat: WorkerBeat) -> str:
    """Return a worker's version, and that it is stopping where it is."""
    return version_of(beat.commit) if beat.state == "running" else f"{version_of(beat.commit)} ({beat.state})"
