"""The time axis that every figure of a report shares: from moments to percent of the drawing's width."""

from dataclasses import dataclass

from gonogo.model import Report
from gonogo.report import spans

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_FEW, _MANY = 5, 12
_SHORTEST_S = 1.0
_HOUR_S = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A mark on the axis.

    Attributes:
        x: percent of the width.
        label: time since the release started.
        fine: whether it is shown only where there is room.
    """

    x: float
    label: str
    fine: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """A stretch of time.

    Attributes:
        zero: the release's start, seconds since the epoch.
        start: the drawing's left edge, seconds since the epoch.
        end: its right edge, later than the start.
    """

    zero: float
    start: float
    end: float

    @property
    def span(self) -> float:
        """Return its length, seconds."""
        return self.end - self.start

    def x(self, at: float) -> float:
        """Return where a moment lies, percent of the width, 0 to 100."""
        return min(100.0, max(0.0, 100.0 * (at - self.start) / self.span))

    def ticks(self) -> tuple[Tick, ...]:
        """Return round times: at most five for narrow pages, and finer ones between them for wide ones."""
        coarse = next((step for step in _STEPS_S if self.span / step <= _FEW), self.span)
        finer = (step for step in _STEPS_S if self.span / step <= _MANY and _divides(step, coarse))
        fine = next(finer, coarse)
        first = -int((self.zero - self.start) / fine + 1e-9)
        count = int((self.end - self.zero) / fine + 1e-9) - first + 1
        return tuple(self._tick((first + number) * fine, coarse, tenths=fine < 1) for number in range(count))

    def _tick(self, seconds: float, coarse: float, *, tenths: bool) -> Tick:
        """Return the mark for a time since the release started."""
        label = _clock(seconds, tenths=tenths)
        return Tick(x=self.x(self.zero + seconds), label=label, fine=not _divides(coarse, seconds))


def of(report: Report) -> Axis:
    """Return the stretch that holds the release, its steps and its traffic."""
    zero = report.started_at.timestamp()
    moments = [zero, *(span.end for span in spans.of(report)), *(request.at for request in report.requests)]
    moments += [report.ended_at.timestamp()] if report.ended_at else []
    start = min(moments)
    return Axis(zero=zero, start=start, end=max(*moments, start + _SHORTEST_S))


def _divides(step: float, seconds: float) -> bool:
    """Return whether a time is a whole number of steps."""
    return abs(seconds / step - round(seconds / step)) < 1e-6  # noqa: PLR2004  # rounding of tenths


def _clock(seconds: float, *, tenths: bool) -> str:
    """Return a time since the start: 0.5 s, 1:30, 1:02:00."""
    if tenths:
        return f"{seconds:.1f} s"
    sign, whole = ("\N{MINUS SIGN}" if seconds < 0 else ""), abs(round(seconds))
    if whole < _HOUR_S:
        return f"{sign}{whole // 60}:{whole % 60:02d}"
    return f"{sign}{whole // _HOUR_S}:{whole % _HOUR_S // 60:02d}:{whole % 60:02d}"
