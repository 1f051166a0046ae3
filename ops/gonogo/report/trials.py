"""A trial on a page, in lines, and as a record: what each revision did to the copy."""

from collections.abc import Iterator, Sequence

from gonogo import trying
from gonogo.model import JSON, Climb, Climbed, Compared, LockMode, Revision, Stall, Traced, Trial
from gonogo.report import details, locks, words
from gonogo.report.markup import Html, tag

_BAR_WIDTH = 24
_SIGNS = {"reads": "█", "writes": "▓", "harmless": "·"}
_ORDER = tuple(LockMode)


def section(trial: Trial | None, revisions: Sequence[Revision]) -> Html:
    """Return a trial as a section of a page; nothing where none was held."""
    if trial is None:
        return Html()
    parts = (
        tag("p", about(trial)),
        locks.draw(trial),
        tag("div", tag("h3", "Each revision"), details.table(*_revisions(trial, revisions))),
        _locked(trial),
        tag("p", f"The version before: {trying.elder(trial.outlived)}."),
        *(tag("p", f"Note: {note}.", class_="dim") for note in trial.notes),
    )
    return tag("section", tag("h2", "Trial of the migrations"), *parts, class_="trial")


def comparison(compared: Sequence[Compared], track: Sequence[Compared]) -> Html:
    """Return predictions beside what happened: this release's, and those of earlier ones; nothing without any."""
    if not compared and not track:
        return Html()
    headers = ("Release", "Revision", "Predicted", "Took", "Tries")
    here = [("this one", *_beside(each)) for each in compared]
    rows = [*here, *((each.release_id, *_beside(each)) for each in track)]
    return details.section("Predicted and taken", details.table(headers, rows))


def about(trial: Trial) -> str:
    """Return on what a trial was held."""
    copy = f"a copy of {trial.backup}, {trying.size(trial.database_bytes)}" if trial.backup else "an empty database"
    return f"Held on {copy}, on PostgreSQL {trial.server_version}, while others read and wrote."


def bar(traced: Traced, relation: str) -> str:
    """Return the locks of one relation during one revision as a row of signs: █ stops all, ▓ stops writers."""
    length = max([traced.seconds, *(hold.ended_s for hold in traced.holds), 1e-9])
    cells = [" "] * _BAR_WIDTH
    for hold in sorted(traced.holds, key=lambda hold: _ORDER.index(hold.mode)):
        if hold.relation == relation:
            first = min(_BAR_WIDTH - 1, int(_BAR_WIDTH * hold.began_s / length))
            last = min(_BAR_WIDTH, max(first + 1, round(_BAR_WIDTH * hold.ended_s / length)))
            cells[first:last] = _SIGNS[locks.kind_of(hold.mode)] * (last - first)
    return f"▕{''.join(cells)}▏"


def document(trial: Trial | None) -> JSON:
    """Return a trial as the record that `--json` prints; null where none was held."""
    return trying.to_json(trial) if trial else None


def stair_of(trial: Trial, revision: str) -> Climbed | None:
    """Return what became of taking a revision back; None where nobody tried."""
    return next((each for each in trial.climbed if each.revision == revision), None)


def stalls(traced: Traced) -> str:
    """Return what the load waited, in words; empty where it did not."""
    return "; ".join(_stall(each) for each in traced.stalls)


def rewritten(traced: Traced) -> str:
    """Return what was written anew, in words; empty where nothing was."""
    if not traced.rewrites:
        return ""
    whole = trying.size(sum(each.bytes for each in traced.rewrites))
    return f"{whole}: {', '.join(each.relation for each in traced.rewrites[:4])}"


def stair(climbed: Climbed | None) -> str:
    """Return what became of going down and up again, with what was lost."""
    if climbed is None:
        return trying.stair(None)
    lost = [f"up loses {trying.lost_words(climbed.lost_up)}"] if climbed.lost_up else []
    lost += [f"down loses {trying.lost_words(climbed.lost_down)}"] if climbed.lost_down else []
    about = [climbed.problem or "; ".join(climbed.differences[:3])] if climbed.climb is not Climb.OK else []
    return "; ".join(part for part in (trying.stair(climbed), *about, *lost) if part)


def _revisions(trial: Trial, revisions: Sequence[Revision]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return the table of revisions."""
    titles = {each.id: each.title for each in revisions}
    headers = ("Revision", "What it does", "Took", "Written anew", "Growth", "The load waited", "Down and up again")
    rows = [
        (
            each.revision,
            titles.get(each.revision, ""),
            f"failed: {each.problem}" if each.problem else _whole(trying.seconds(each.seconds)),
            rewritten(each) or "—",
            _whole(trying.size(each.growth_bytes)),
            stalls(each) or "—",
            stair(stair_of(trial, each.revision)),
        )
        for each in trial.traced
    ]
    return headers, rows


def _whole(text: str) -> str:
    """Return a number with its unit that is not broken into lines."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _locked(trial: Trial) -> Html:
    """Return the table of the strongest locks, the same that is drawn above."""
    rows = [
        (wait.relation, each.revision, wait.mode.value, trying.seconds(wait.seconds), trying.who_waits(wait.need))
        for each in trial.traced
        for wait in trying.held(each)
    ]
    if not rows:
        return Html()
    headers = ("Relation", "Revision", "Strongest lock", "Held for", "Who waits")
    return tag("div", tag("h3", "The strongest lock of each relation"), details.table(headers, rows))


def _stall(stall: Stall) -> str:
    """Return one stall in words."""
    return (
        f"{words.counted(stall.sessions, 'session')} to {stall.need} {stall.relation}, the longest "
        f"{trying.seconds(stall.longest_s)}"
    )


def _beside(compared: Compared) -> Iterator[str]:
    """Yield the cells of one comparison."""
    yield compared.revision
    yield "—" if compared.predicted_s is None else trying.seconds(compared.predicted_s)
    yield "not recorded" if compared.took_s is None else trying.seconds(compared.took_s)
    yield str(compared.attempts or "—")
