"""When each step ran and when it was undone, as stretches of time."""

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.model import Report, StepReport

_EPSILON_S = 1e-6
_ROLLOUTS = {"api-rollout": "API rollout", "worker-rollout": "worker rollout"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A step's work, or its undoing.

    Attributes:
        start: seconds since the epoch.
        end: seconds since the epoch, not before the start.
    """

    step: str
    start: float
    end: float
    undoing: bool = False

    @property
    def label(self) -> str:
        """Return what happened, in words."""
        name = _ROLLOUTS.get(self.step, self.step)
        return f"{name} undone" if self.undoing else name

    def holds(self, at: float) -> bool:
        """Return whether a moment, seconds since the epoch, lies within."""
        return self.start <= at <= self.end


def of(report: Report) -> tuple[Span, ...]:
    """Return every stretch of a release, the earliest first."""
    return tuple(sorted((span for step in report.steps for span in of_step(report, step)), key=lambda span: span.start))


def of_step(report: Report, step: StepReport) -> tuple[Span, ...]:
    """Return a step's stretches: none, its work, or its work and its undoing, each in parts where nobody was at it."""
    found = list[Span]()
    if step.started_at and step.seconds is not None:
        parts = _parts(report, step.started_at.timestamp(), step.seconds)
        found += [Span(step=step.name, start=start, end=end) for start, end in parts]
    if step.revert_started_at and step.reverted_seconds is not None:
        parts = _parts(report, step.revert_started_at.timestamp(), step.reverted_seconds)
        found += [Span(step=step.name, start=start, end=end, undoing=True) for start, end in parts]
    return tuple(found)


def _parts(report: Report, start: float, seconds: float) -> Iterator[tuple[float, float]]:
    """Yield the stretches that add up to so many seconds of work, around the pauses."""
    for pause in report.pauses:
        until = pause.started_at.timestamp()
        if until < start:
            continue
        if until - start >= seconds - _EPSILON_S:
            break
        if until > start:
            yield start, until
        seconds, start = seconds - (until - start), until + pause.seconds
    yield start, start + max(0.0, seconds)


def rollouts(report: Report) -> tuple[Span, ...]:
    """Return the stretches in which what serves was being exchanged, the earliest first."""
    return tuple(span for span in of(report) if span.step in _ROLLOUTS)
