"""The timeline of a release, drawn to scale: a bar per step, another one where it was undone."""

from gonogo.model import Report, StepReport, StepStatus
from gonogo.report import drawing, spans, words
from gonogo.report.axis import Axis
from gonogo.report.markup import Html, icon, join, tag
from gonogo.report.spans import Span

_LOW, _HIGH = 22, 40
_QUIET = {StepStatus.DONE, StepStatus.PENDING}
_MARKS = {StepStatus.REVERTED: "undone", StepStatus.REVERTING: "open", StepStatus.REVERT_FAILED: "failed"}
_LEGEND = {"done": "done", "failed": "failed", "open": "not ended", "undone": "undone", "stuck": "undo failed"}


def draw(report: Report, axis: Axis) -> Html:
    """Return the timeline as a figure."""
    rows = [_row(report, step, axis) for step in report.steps]
    heads = ("Step", "When, to scale", "Took")
    return drawing.figure("Timeline", heads, [*rows, drawing.times(axis)], note=_legend(report))


def kind_of(report: Report, step: StepReport) -> str:
    """Return how a step's own bar and mark are drawn."""
    if step.name == report.where and step.status is not StepStatus.RUNNING:
        return "failed"
    usual = "open" if step.was_cut else "done"
    return {
        StepStatus.PENDING: "pending",
        StepStatus.RUNNING: "open",
        StepStatus.FAILED: "failed",
    }.get(step.status, usual)


def mark_of(report: Report, step: StepReport) -> str:
    """Return the mark of where a step stands at the end."""
    kind = kind_of(report, step)
    return _MARKS.get(step.status, kind) if kind == "done" or step.was_cut else kind


def _row(report: Report, step: StepReport, axis: Axis) -> Html:
    """Return a step's row."""
    outcome = words.outcome(step, failed=step.name == report.where)
    quiet = step.status in _QUIET
    state = Html() if quiet else tag("small", outcome, class_=kind_of(report, step))
    head = tag("th", icon(mark_of(report, step)), step.name, state, scope="row")
    kinds = {"kind": kind_of(report, step), "undoing": _undoing(step)}
    bars = join(_bar(span, axis, **kinds) for span in spans.of_step(report, step))
    back = drawing.backdrop(axis, spans.rollouts(report))
    drawn = drawing.lane(_LOW if quiet else _HIGH, _title(report, step, outcome), back, bars)
    return drawing.row(head, drawn, tag("td", *_readings(step), class_="reading"))


def _bar(span: Span, axis: Axis, *, kind: str, undoing: str) -> Html:
    """Return the bar of a step's work, or below it the bar of its undoing."""
    return drawing.box(axis, span, y=22 if span.undoing else 5, height=12, kind=undoing if span.undoing else kind)


def _undoing(step: StepReport) -> str:
    """Return how the bar of a step's undoing is drawn."""
    return "undone" if step.status is StepStatus.REVERTED else "stuck"


def _title(report: Report, step: StepReport, outcome: str) -> str:
    """Return a row in words: state, when, how long."""
    zero = report.started_at.timestamp()
    parts = [
        f"{'undoing it' if span.undoing else 'ran'} from {words.seconds(span.start - zero)} "
        f"for {words.seconds(span.end - span.start)}"
        for span in spans.of_step(report, step)
    ]
    return "; ".join([f"{step.name}: {outcome}", *parts])


def _readings(step: StepReport) -> list[Html]:
    """Return a step's seconds, and below them the seconds of its undoing."""
    if step.seconds is None:
        return [tag("span", words.outcome(step, failed=False), class_="dim")]
    took = [tag("span", words.seconds(step.seconds))]
    if step.reverted_seconds is not None:
        took.append(tag("small", icon("undone"), words.seconds(step.reverted_seconds)))
    if step.idle_s:
        took.append(tag("small", f"idle {words.seconds(step.idle_s)}"))
    return took


def _legend(report: Report) -> Html:
    """Return the meaning of the colours that occur."""
    kinds = {kind_of(report, step) for step in report.steps if step.seconds is not None}
    kinds |= {_undoing(step) for step in report.steps if step.reverted_seconds is not None}
    swatches = [_swatch(kind, text) for kind, text in _LEGEND.items() if kind in kinds]
    shaded = [_swatch("rollout", "API or worker being exchanged")] if spans.rollouts(report) else []
    return tag("ul", *swatches, *shaded, class_="legend")


def _swatch(kind: str, text: str) -> Html:
    """Return one colour with its meaning."""
    sample = tag("rect", width=18, height=10, class_=f"bar {kind}")
    return tag("li", tag("svg", sample, width=18, height=10, aria_hidden="true"), text)
