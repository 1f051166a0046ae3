"""The traffic of a release plotted over time, on the timeline's axis."""

import math
from collections.abc import Sequence

from gonogo.model import Report, Request
from gonogo.report import drawing, spans, traffic, words
from gonogo.report.axis import Axis
from gonogo.report.markup import Html, join, tag
from gonogo.report.spans import Span
from gonogo.report.traffic import Bin, Cluster

_PANEL = 84
_LANE = 17
_MIDDLE = 50.0


def draw(report: Report, axis: Axis) -> Html:
    """Return the traffic as a figure: rollouts, requests per second, failures, latency."""
    found = traffic.bins(report.requests, axis)
    back = drawing.backdrop(axis, spans.rollouts(report))
    rows = [
        *_rollouts(report, axis, back),
        _rates(found, back),
        _failed(found, axis, back),
        _latencies(found, back),
        drawing.times(axis),
    ]
    note = tag("p", f"{summary(report.requests)} Bins of {found[0].width_s:.2g} s.")
    return drawing.figure("Traffic", ("Traffic", "When, to scale", ""), rows, note=note)


def summary(requests: Sequence[Request]) -> str:
    """Return the traffic in one sentence."""
    taken = [request.ms for request in requests]
    latencies = f"half within {_ms(traffic.percentile(taken, 0.5))}, 95 % within {_ms(traffic.percentile(taken, 0.95))}"
    failed = sum(request.failed for request in requests)
    return f"{words.counted(len(taken), 'request')}, {failed:,} failed; {latencies}, the slowest {_ms(max(taken))}."


def _rollouts(report: Report, axis: Axis, back: Html) -> list[Html]:
    """Return a row that names the shaded bands, each on a line of its own."""
    found = spans.rollouts(report)
    if not found:
        return []
    names = [_rollout(axis, span, number * _LANE) for number, span in enumerate(found)]
    title = "; ".join(f"{span.label} for {words.seconds(span.end - span.start)}" for span in found)
    drawn = drawing.lane(len(found) * _LANE + 4, title, back, *names)
    return [drawing.row(tag("th", "Rollouts", scope="row"), drawn, tag("td"), kind="rollouts")]


def _rollout(axis: Axis, span: Span, y: int) -> Html:
    """Return a band's name over a line as long as the band."""
    start, end = axis.x(span.start), axis.x(span.end)
    line = drawing.box(axis, span, y=y + _LANE - 3, height=2, kind="undone" if span.undoing else "rollout")
    left = start <= _MIDDLE
    x, anchor = (start, "start") if left else (end, "end")
    return join((line, tag("text", span.label, x=f"{x:.3f}%", y=y + 11, text_anchor=anchor, class_="label band")))


def _rates(found: Sequence[Bin], back: Html) -> Html:
    """Return the panel of requests per second, the failed ones at its foot."""
    top = _round_up(max(one.rate for one in found))
    sent = tag("path", d=_area([one.rate / top for one in found]), class_="sent")
    failed = tag("path", d=_area([one.failed_rate / top for one in found]), class_="failures")
    title = f"Requests per second, {max(one.rate for one in found):.0f} at most"
    drawn = drawing.lane(_PANEL, title, back, _stretched(len(found), sent, failed), _halves())
    return drawing.row(_name("Requests", "per second"), drawn, _scale(f"{top:,g}", f"{top / 2:,g}"))


def _failed(found: Sequence[Bin], axis: Axis, back: Html) -> Html:
    """Return the panel of failures: a red mark per bin that has some, and how many there were."""
    count = sum(one.failed for one in found)
    marks = [_mark(axis.x(one.at + one.width_s / 2)) for one in found if one.failed]
    counts = [_count(cluster) for cluster in traffic.clusters(found, axis)]
    nothing = Html() if count else drawing.label(0, 20, "none failed", kind="dim")
    drawn = drawing.lane(32, f"Failed requests: {count:,}", back, *marks, *counts, nothing)
    reading = tag("td", f"{count:,}", class_="reading failed" if count else "reading")
    return drawing.row(_name("Failed", ""), drawn, reading)


def _latencies(found: Sequence[Bin], back: Html) -> Html:
    """Return the panel of the 95th percentile of the time to the whole answer."""
    highest = max((one.p95_ms for one in found if one.p95_ms is not None), default=0.0)
    top = _round_up(highest)
    line = tag("path", d=_steps([None if one.p95_ms is None else one.p95_ms / top for one in found]), class_="latency")
    title = f"95th percentile of the time to the whole answer, {_ms(highest)} at most"
    drawn = drawing.lane(_PANEL, title, back, _stretched(len(found), line), _halves())
    return drawing.row(_name("Latency", "95th percentile"), drawn, _scale(_ms(top), _ms(top / 2)))


def _name(text: str, unit: str) -> Html:
    """Return a panel's name and unit."""
    return tag("th", text, tag("small", unit), scope="row") if unit else tag("th", text, scope="row")


def _stretched(width: int, *children: Html) -> Html:
    """Return shapes drawn one unit per bin and 100 units high, stretched over the lane."""
    view = f"0 0 {width} 100"
    return tag("svg", *children, viewBox=view, preserveAspectRatio="none", width="100%", height=_PANEL - 4, y=2)


def _halves() -> Html:
    """Return the lines at nothing, half and the whole of a panel's scale."""
    heights = (2, _PANEL // 2, _PANEL - 2)
    return join(tag("line", x1=0, x2="100%", y1=y, y2=y, class_="level") for y in heights)


def _scale(whole: str, half: str) -> Html:
    """Return the readings of those lines."""
    places = ((whole, 10), (half, _PANEL // 2 + 4), ("0", _PANEL - 3))
    readings = join(tag("text", text, x=2, y=y, class_="label") for text, y in places)
    return tag("td", tag("svg", readings, class_="lane", height=_PANEL, width="100%"), class_="scale")


def _mark(x: float) -> Html:
    """Return the red mark of failures."""
    return tag("svg", tag("path", d="M0 19l4 8h-8z", class_="failure"), x=f"{x:.3f}%", class_="lane")


def _count(cluster: Cluster) -> Html:
    """Return how many failed around there, over a line from the first to the last of them."""
    start, end = f"{cluster.start:.3f}%", f"{cluster.end:.3f}%"
    line = tag("line", x1=start, x2=end, y1=17, y2=17, class_="reach")
    return join((line, drawing.label(cluster.start, 13, f"{cluster.count:,}", kind="count")))


def _area(heights: Sequence[float]) -> str:
    """Return the path of columns that touch each other; 1 is the panel's height."""
    tops = "".join(f"V{_down(height)}H{number + 1}" for number, height in enumerate(heights))
    return f"M0 100{tops}V100z"


def _steps(heights: Sequence[float | None]) -> str:
    """Return the path of a line that holds its height for each bin and breaks where there is none."""
    path, before = "", None
    for number, height in enumerate(heights):
        if height is not None:
            path += f"{'M' + str(number) + ' ' if before is None else 'V'}{_down(height)}H{number + 1}"
        before = height
    return path


def _down(height: float) -> str:
    """Return a share of the panel's height as SVG counts it, from the top."""
    return f"{100 - 100 * height:.1f}".removesuffix(".0")


def _round_up(value: float) -> float:
    """Return the next round number: 1, 2, 4, 5, 6 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 4, 5, 6, 8, 10) if value <= factor * power * (1 + 1e-9))


def _ms(value: float | None) -> str:
    """Return a latency in words; a dash where there is none."""
    return "—" if value is None else words.milliseconds(value)
