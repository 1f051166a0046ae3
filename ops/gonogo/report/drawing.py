"""The parts that every figure is drawn from: lanes of equal width over one time axis.

Positions along the time are percent, so that a figure stretches with the page while its text keeps its size.
"""

from collections.abc import Sequence

from gonogo.report.axis import Axis, Tick
from gonogo.report.markup import Html, join, tag
from gonogo.report.spans import Span

_NEAR_END = 92  # percent; a count would stick out


def lane(height: int, title: str, *children: str, describe: str = "") -> Html:
    """Return one lane of a figure, with what it shows in words for those who cannot see it."""
    words = (tag("title", title), tag("desc", describe) if describe else Html())
    return tag("svg", *words, *children, class_="lane", role="img", width="100%", height=height)


def backdrop(axis: Axis, rollouts: Sequence[Span]) -> Html:
    """Return what lies behind every lane: the shaded rollouts and the lines of the time axis."""
    return join((*(_shade(axis, span) for span in rollouts), *(_line(tick) for tick in axis.ticks())))


def box(axis: Axis, span: Span, *, y: float, height: float, kind: str) -> Html:
    """Return a bar drawn to scale, with an edge that stays visible when the bar is too short to see."""
    start, end = axis.x(span.start), axis.x(span.end)
    bar = tag("rect", x=f"{start:.3f}%", width=f"{end - start:.3f}%", y=y, height=height, class_=f"bar {kind}")
    at = f"{start:.3f}%"
    return join((bar, tag("line", x1=at, x2=at, y1=y, y2=y + height, class_=f"edge {kind}")))


def label(x: float, y: float, text: str, *, kind: str = "") -> Html:
    """Return text that begins at a place in a lane, or ends there near the lane's end."""
    anchor = "end" if x > _NEAR_END else "start"
    return tag("text", text, x=f"{x:.3f}%", y=y, text_anchor=anchor, class_=f"label {kind}".strip())


def times(axis: Axis) -> Html:
    """Return a row with the axis' labels."""
    labels = (_time(tick) for tick in axis.ticks())
    drawn = lane(18, "Time since the release started", *labels)
    return row(tag("th", "since the start", class_="unit", scope="row"), drawn, tag("td"), kind="times")


def row(head: Html, drawn: Html, tail: Html, *, kind: str = "") -> Html:
    """Return a figure's row: name, lane, reading."""
    return tag("tr", head, tag("td", drawn, class_="plot"), tail, class_=kind)


def figure(caption: str, heads: tuple[str, str, str], rows: Sequence[Html], *, note: Html) -> Html:
    """Return a figure: a table whose middle column is drawn."""
    columns = join(tag("th", text, scope="col") if text else tag("td") for text in heads)
    table = tag(
        "table",
        tag("thead", tag("tr", columns)),
        tag("tbody", *rows),
        class_=f"figure {caption.lower()}",
        aria_label=caption,
    )
    return tag("figure", table, tag("figcaption", note))


def _shade(axis: Axis, span: Span) -> Html:
    """Return a rollout as a shaded band over the lane's height."""
    start, end = axis.x(span.start), axis.x(span.end)
    kind = "shade undoing" if span.undoing else "shade"
    return tag("rect", x=f"{start:.3f}%", width=f"{end - start:.3f}%", y=0, height="100%", class_=kind)


def _line(tick: Tick) -> Html:
    """Return a line of the time axis."""
    at = f"{tick.x:.3f}%"
    return tag("line", x1=at, x2=at, y1=0, y2="100%", class_="grid fine" if tick.fine else "grid")


def _time(tick: Tick) -> Html:
    """Return a time under its line."""
    kind = "label time fine" if tick.fine else "label time"
    return tag("text", tick.label, x=f"{tick.x:.3f}%", y=13, text_anchor="middle", class_=kind)
