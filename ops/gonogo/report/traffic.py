"""The traffic of a release in numbers: bins over time, percentiles, what failed and when.

May not know how it is drawn.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.model import Report, Request
from gonogo.report import spans
from gonogo.report.axis import Axis

_BINS_MOST = 600
_APART_PERCENT = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """The requests of a short stretch of time.

    Attributes:
        at: its start, seconds since the epoch.
        width_s: its length, seconds; all bins of a release are equally long.
        p95_ms: 95th percentile of the time to the whole answer; None when nothing was sent.
    """

    at: float
    width_s: float
    count: int
    failed: int
    p95_ms: float | None

    @property
    def rate(self) -> float:
        """Return requests per second."""
        return self.count / self.width_s

    @property
    def failed_rate(self) -> float:
        """Return failed requests per second."""
        return self.failed / self.width_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """Failures that lie close together.

    Attributes:
        start: their first bin's middle, percent of the drawing's width.
        end: their last bin's middle, the same.
    """

    start: float
    end: float
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Failures:
    """Failed requests that look alike.

    Attributes:
        first_s: the first one's time since the release started, seconds.
        last_s: the last one's.
        meanwhile: the steps that ran then, in words.
    """

    kind: str
    status: int | None
    count: int
    first_s: float
    last_s: float
    meanwhile: tuple[str, ...]


def bins(requests: Sequence[Request], axis: Axis) -> tuple[Bin, ...]:
    """Return the traffic in bins of about a second, longer ones for a long release."""
    count = max(1, min(_BINS_MOST, round(axis.span)))
    width = axis.span / count
    sorted_in: dict[int, list[Request]] = defaultdict(list)
    for request in requests:
        sorted_in[min(count - 1, int((request.at - axis.start) / width))].append(request)
    return tuple(_bin(axis.start + number * width, width, sorted_in[number]) for number in range(count))


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile, `share` from 0 to 1; None for no values."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def clusters(found: Sequence[Bin], axis: Axis) -> tuple[Cluster, ...]:
    """Return the failures of neighbouring bins together, so that their counts never overlap in a drawing."""
    grouped: list[list[Bin]] = []
    for one in (one for one in found if one.failed):
        if grouped and 100 * (one.at - grouped[-1][0].at) / axis.span < _APART_PERCENT:
            grouped[-1].append(one)
        else:
            grouped.append([one])
    return tuple(_cluster(group, axis) for group in grouped)


def failures(report: Report) -> tuple[Failures, ...]:
    """Return the failed requests by what was asked and answered, the most frequent first."""
    alike: dict[tuple[str, int | None], list[Request]] = defaultdict(list)
    for request in report.requests:
        if request.failed:
            alike[(request.kind, request.status)].append(request)
    groups = [_failures(report, group) for group in alike.values()]
    return tuple(sorted(groups, key=lambda group: -group.count))


def _bin(at: float, width_s: float, requests: Sequence[Request]) -> Bin:
    """Return the bin that holds these requests."""
    return Bin(
        at=at,
        width_s=width_s,
        count=len(requests),
        failed=sum(request.failed for request in requests),
        p95_ms=percentile([request.ms for request in requests], 0.95),
    )


def _cluster(group: Sequence[Bin], axis: Axis) -> Cluster:
    """Return neighbouring bins as one mark."""
    middle = group[0].width_s / 2
    return Cluster(
        start=axis.x(group[0].at + middle),
        end=axis.x(group[-1].at + middle),
        count=sum(one.failed for one in group),
    )


def _failures(report: Report, group: Sequence[Request]) -> Failures:
    """Return one line about requests that look alike; they are ordered by time."""
    zero = report.started_at.timestamp()
    return Failures(
        kind=group[0].kind,
        status=group[0].status,
        count=len(group),
        first_s=group[0].at - zero,
        last_s=group[-1].at - zero,
        meanwhile=tuple(span.label for span in spans.of(report) if any(span.holds(one.at) for one in group)),
    )
