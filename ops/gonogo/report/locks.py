"""The locks of a trial drawn over time: a row for each relation, a bar for each lock, revisions side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gonogo import trying
from gonogo.model import Hold, LockMode, Stall, Traced, Trial
from gonogo.report import drawing, words
from gonogo.report.markup import Html, join, tag

_ORDER = tuple(LockMode)
_MOST = 40
_HEIGHT, _STALLED = 22, 34
# By who has to wait: how high a bar is drawn, so that colour is not needed to tell them apart.
_BARS = {"reads": (4, 14), "writes": (6, 10), "harmless": (9, 4)}
_LEGEND = {"reads": "nobody can read or write", "writes": "nobody can write", "harmless": "nobody waits"}
# Percent of the width that a revision's name needs, on a wide page and on any.
_ROOM, _ROOM_ANYWHERE = 6, 24
_STEPS_S = tuple(factor * 10.0**power for power in range(-4, 6) for factor in (1, 2, 5))
_FEW, _MANY = 4, 10


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    """The revisions one after the other, as if none had waited for the next.

    Attributes:
        starts: when each revision begins, seconds.
        end: when the last one ends; more than zero.
    """

    starts: tuple[float, ...]
    end: float

    def x(self, seconds: float) -> float:
        """Return where a moment lies, percent of the width."""
        return min(100.0, max(0.0, 100.0 * seconds / self.end))


def draw(trial: Trial) -> Html:
    """Return the locks as a figure, with every row in words for those who cannot see it."""
    if not any(each.holds for each in trial.traced):
        return tag("p", "No lock was seen on anything that was there before.", class_="dim")
    scale = _scale(trial.traced)
    relations = _relations(trial.traced)
    rows = [_revisions(trial.traced, scale), *(_row(each, trial.traced, scale) for each in relations[:_MOST])]
    left = len(relations) - _MOST
    more = tag("p", f"{words.counted(left, 'relation')} with weaker locks not shown.") if left > 0 else Html()
    heads = ("Relation", "When, to scale", "Longest")
    return drawing.figure("Locks", heads, [*rows, _times(scale)], note=join((_legend(trial.traced), more)))


def kind_of(mode: LockMode) -> str:
    """Return whom a lock stops: `reads` for everybody, `writes`, or `harmless`."""
    return "reads" if mode.blocks_reads else "writes" if mode.blocks_writes else "harmless"


def _scale(traced: Sequence[Traced]) -> _Scale:
    """Return the time axis of a trial; a lock that outlasts its revision stretches it."""
    lengths = [max([each.seconds, *(hold.ended_s for hold in each.holds)]) for each in traced]
    ends = list(accumulate(lengths))
    return _Scale(starts=(0.0, *ends[:-1]), end=max(ends[-1], 1e-6))


def _relations(traced: Sequence[Traced]) -> list[str]:
    """Return every relation that was locked, what was locked hardest first."""
    worst: dict[str, tuple[int, float]] = {}
    for wait in (wait for each in traced for wait in trying.held(each)):
        strength = (_ORDER.index(wait.mode), wait.seconds)
        worst[wait.relation] = max(worst.get(wait.relation, strength), strength)
    return sorted(worst, key=lambda name: (-worst[name][0], -worst[name][1], name))


def _row(relation: str, traced: Sequence[Traced], scale: _Scale) -> Html:
    """Return a relation's row."""
    holds = [(start, hold) for start, hold in _holds(traced, scale) if hold.relation == relation]
    stalls = [(each, stall) for each in traced for stall in each.stalls if stall.relation == relation]
    ordered = sorted(holds, key=lambda pair: _ORDER.index(pair[1].mode))
    bars = join(_bar(scale, start, hold) for start, hold in ordered)
    marks = join(_stall(scale, traced, each, stall) for each, stall in stalls)
    schema, _, name = relation.rpartition(".")
    is_elsewhere = schema not in {"", "public"}
    is_high = bool(stalls) or is_elsewhere or len({wait.need for each in traced for wait in _of(each, relation)}) > 1
    height = _STALLED if is_high else _HEIGHT
    drawn = drawing.lane(height, _words(relation, traced), _backdrop(scale), bars, marks)
    head = tag("th", name, tag("small", schema) if is_elsewhere else Html(), scope="row")
    return drawing.row(head, drawn, tag("td", *_reading(relation, traced), class_="reading"))


def _of(traced: Traced, relation: str) -> Iterator[trying.Wait]:
    """Yield the waits for one relation."""
    return (wait for wait in trying.waits(traced) if wait.relation == relation)


def _holds(traced: Sequence[Traced], scale: _Scale) -> Iterator[tuple[float, Hold]]:
    """Yield every lock with the moment at which its revision begins."""
    for start, each in zip(scale.starts, traced, strict=True):
        for hold in each.holds:
            yield start, hold


def _bar(scale: _Scale, start: float, hold: Hold) -> Html:
    """Return a lock's bar, with an edge that stays visible when the bar is too short to see."""
    kind = kind_of(hold.mode)
    y, height = _BARS[kind]
    left, right = scale.x(start + hold.began_s), scale.x(start + hold.ended_s)
    title = tag("title", f"{hold.mode.value}, {trying.seconds(hold.seconds)}: {hold.statement}")
    bar = tag("rect", title, x=f"{left:.3f}%", width=f"{right - left:.3f}%", y=y, height=height, class_=f"hold {kind}")
    at = f"{left:.3f}%"
    return join((bar, tag("line", x1=at, x2=at, y1=y, y2=y + height, class_=f"hold-edge {kind}")))


def _stall(scale: _Scale, traced: Sequence[Traced], of: Traced, stall: Stall) -> Html:
    """Return what the load waited, as a dashed line below the lock that it waited for."""
    start = scale.starts[[each.revision for each in traced].index(of.revision)]
    waits = {wait.need: wait.first.began_s for wait in trying.waits(of) if wait.relation == stall.relation}
    began = start + waits.get(stall.need, min(waits.values(), default=0.0))
    left, right = f"{scale.x(began):.3f}%", f"{scale.x(began + stall.longest_s):.3f}%"
    line = tag("line", x1=left, x2=right, y1=25, y2=25, class_="stall")
    ends = (tag("line", x1=at, x2=at, y1=22, y2=28, class_="stall-end") for at in (left, right))
    return join((line, *ends))


def _words(relation: str, traced: Sequence[Traced]) -> str:
    """Return a row in words."""
    parts = [
        f"{each.revision}: {wait.mode.value} for {trying.seconds(wait.seconds)}, {trying.who_waits(wait.need)}"
        for each in traced
        for wait in trying.held(each)
        if wait.relation == relation
    ]
    parts += [
        f"{each.revision}: {stall.sessions} sessions that {stall.need} waited, the longest "
        f"{trying.seconds(stall.longest_s)}"
        for each in traced
        for stall in each.stalls
        if stall.relation == relation
    ]
    return f"{relation}. {'; '.join(parts)}"


def _reading(relation: str, traced: Sequence[Traced]) -> Iterator[Html]:
    """Yield how long nobody could read a relation at most, and how long nobody could write it, where that is longer."""
    waits = [wait for each in traced for wait in _of(each, relation)]
    longest = {need: max([0.0, *(wait.seconds for wait in waits if wait.need == need)]) for need in ("read", "write")}
    if longest["read"]:
        yield tag("span", trying.seconds(longest["read"]), class_="reads")
    if longest["write"] > longest["read"]:
        yield tag("small" if longest["read"] else "span", trying.seconds(longest["write"]), class_="writes")
    if not waits:
        yield tag("span", "—", class_="dim")


def _revisions(traced: Sequence[Traced], scale: _Scale) -> Html:
    """Return the row that names the revisions, where there is room for their names."""
    names = []
    for number, (start, each) in enumerate(zip(scale.starts, traced, strict=True)):
        end = (*scale.starts, scale.end)[number + 1]
        width = scale.x(end) - scale.x(start)
        if width >= _ROOM:
            kind = "label" if width >= _ROOM_ANYWHERE else "label fine"
            failed = " failed" if each.problem else ""
            names.append(tag("text", each.revision, x=f"{scale.x(start):.3f}%", dx=3, y=13, class_=kind + failed))
    told = ", ".join(f"{each.revision} {trying.seconds(each.seconds)}" for each in traced)
    drawn = drawing.lane(18, f"Revisions: {told}", _backdrop(scale), *names)
    return drawing.row(tag("th", "revision", class_="unit", scope="row"), drawn, tag("td"), kind="times")


def _backdrop(scale: _Scale) -> Html:
    """Return the lines at which a revision begins."""
    places = (f"{scale.x(start):.3f}%" for start in scale.starts)
    return join(tag("line", x1=at, x2=at, y1=0, y2="100%", class_="boundary") for at in places)


def _times(scale: _Scale) -> Html:
    """Return the row with the times, counted from the beginning of the first revision."""
    coarse = next((step for step in _STEPS_S if scale.end / step <= _FEW), scale.end)
    fine = next((step for step in _STEPS_S if scale.end / step <= _MANY), coarse)
    fine = fine if abs(coarse / fine - round(coarse / fine)) < 1e-6 else coarse  # noqa: PLR2004  # rounding
    labels = [_time(scale, number * fine, fine, coarse) for number in range(int(scale.end / fine + 1e-9) + 1)]
    drawn = drawing.lane(18, f"Time since the first revision began, {trying.seconds(scale.end)} in all", *labels)
    return drawing.row(tag("th", "since the start", class_="unit", scope="row"), drawn, tag("td"), kind="times")


def _time(scale: _Scale, at: float, step: float, coarse: float) -> Html:
    """Return a time on the axis."""
    is_fine = abs(at / coarse - round(at / coarse)) > 1e-6  # noqa: PLR2004  # rounding
    text = f"{at * 1000:g} ms" if step < 1 and scale.end < 2 else f"{at:g} s"  # noqa: PLR2004
    x = scale.x(at)
    anchor = "start" if x < 2 else "end" if x > 96 else "middle"  # noqa: PLR2004  # at the edges it would stick out
    kind = "label time fine" if is_fine else "label time"
    return tag("text", text, x=f"{x:.3f}%", y=13, text_anchor=anchor, class_=kind)


def _legend(traced: Sequence[Traced]) -> Html:
    """Return the meaning of what occurs."""
    kinds = {kind_of(hold.mode) for each in traced for hold in each.holds}
    items = [_swatch(kind, text) for kind, text in _LEGEND.items() if kind in kinds]
    if any(each.stalls for each in traced):
        line = tag("line", x1=1, x2=17, y1=7, y2=7, class_="stall")
        items.append(tag("li", tag("svg", line, width=18, height=14, aria_hidden="true"), "the load waited"))
    return tag("ul", *items, class_="legend")


def _swatch(kind: str, text: str) -> Html:
    """Return one kind of bar with its meaning."""
    y, height = _BARS[kind]
    sample = tag("rect", width=18, height=height, y=y - 4, class_=f"hold {kind}")
    return tag("li", tag("svg", sample, width=18, height=14, aria_hidden="true"), text)
