"""When each step ran and when it was undone, as stretches of time."""

from dataclasses import dataclass

from gonogo.model import Report, StepReport

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
    return tuple(sorted((span for step in report.steps for span in of_step(step)), key=lambda span: span.start))


def of_step(step: StepReport) -> tuple[Span, ...]:
    """Return a step's stretches: none, its work, or its work and its undoing."""
    found = []
    if step.started_at and step.seconds is not None:
        start = step.started_at.timestamp()
        found.append(Span(step=step.name, start=start, end=start + step.seconds))
    if step.revert_started_at and step.reverted_seconds is not None:
        start = step.revert_started_at.timestamp()
        found.append(Span(step=step.name, start=start, end=start + step.reverted_seconds, undoing=True))
    return tuple(found)


def rollouts(report: Report) -> tuple[Span, ...]:
    """Return the stretches in which what serves was being exchanged, the earliest first."""
    return tuple(span for span in of(report) if span.step in _ROLLOUTS)
