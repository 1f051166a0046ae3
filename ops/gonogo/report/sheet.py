"""The page: one self-contained HTML document that says how a release went, and why.

May not refer to anything outside itself.
"""

from gonogo.model import PlanKind, Report, Verdict, version_of
from gonogo.report import axis, details, plot, style, timeline, trials, words
from gonogo.report.axis import Axis
from gonogo.report.markup import Html, icon, join, tag, void

_TONES = {
    Verdict.RELEASED: "done",
    Verdict.NOTHING_TO_DO: "done",
    Verdict.ROLLED_BACK: "undone",
    Verdict.NO_GO: "advise",
    Verdict.NEEDS_PERSON: "failed",
    Verdict.INTERRUPTED: "open",
    Verdict.ABANDONED: "open",
    Verdict.UNFINISHED: "open",
}
_MIGRATIONS = {
    PlanKind.RELEASE: "Migrations",
    PlanKind.ROLLBACK: "Migrations since the earlier version",
    PlanKind.MIGRATION: "Migrations",
    PlanKind.DOWNGRADE: "Migrations to be taken back",
    PlanKind.RESTORE: "Migrations",
    PlanKind.ROTATION: "Migrations",
}
_WHAT = {
    PlanKind.RELEASE: "Release to",
    PlanKind.ROLLBACK: "Rollback of",
    PlanKind.MIGRATION: "Migration of",
    PlanKind.DOWNGRADE: "Downgrade of",
    PlanKind.RESTORE: "Restore of",
    PlanKind.ROTATION: "Rotation on",
}
_QUIET = {Verdict.RELEASED, Verdict.NOTHING_TO_DO}


def page(report: Report) -> str:
    """Return the whole page; every text from outside is escaped."""
    body = tag("body", style.marks(), tag("main", *_parts(report, axis.of(report))))
    return f"<!doctype html>\n{tag('html', _head(report), body, lang='en')}\n"


def _parts(report: Report, shared: Axis) -> tuple[Html, ...]:
    """Return the page from top to bottom."""
    return (
        _masthead(report),
        _figures(report),
        details.section("Timeline", timeline.draw(report, shared)),
        details.section("Traffic", *_traffic(report, shared)),
        details.steps(report),
        details.section(_MIGRATIONS[report.kind], details.migrations(report.pending)),
        trials.section(report.trial, report.pending),
        trials.comparison(report.compared, report.track),
        details.section("The way back", *details.way_back(report)),
        _footer(report),
    )


def _head(report: Report) -> Html:
    """Return what a browser reads first."""
    title = f"{_title(report)}: {report.environment} {version_of(report.target_commit)}"
    return tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(style.SHEET)),
    )


def _title(report: Report) -> str:
    """Return the verdict as a heading."""
    return words.title(report.verdict, report.kind)


def _masthead(report: Report) -> Html:
    """Return the verdict, what it means, why, and what to do next."""
    tone = _TONES[report.verdict]
    eyebrow = tag(
        "p", f"{_WHAT[report.kind]} {report.environment} · ", tag("code", report.release_id), class_="eyebrow"
    )
    title = tag("h1", icon(tone), _title(report))
    told = tag("p", words.sentence(report), class_="lead")
    return tag("header", eyebrow, title, told, _why(report), _versions(report), class_=f"masthead {tone}")


def _why(report: Report) -> Html:
    """Return step, reason and next command of a release that did not go through."""
    parts = [("Step", report.where), ("Reason", report.reason), ("Next", report.hint)]
    if report.verdict in _QUIET:
        parts = parts[2:]
    rows = join(_term(name, tag("code" if name == "Next" else "span", text)) for name, text in parts if text)
    return tag("dl", rows, class_="why") if rows else Html()


def _versions(report: Report) -> Html:
    """Return the way from the version before to the one that serves at the end."""
    serving = report.serving_commit
    cells = (
        _version("Before", report.previous_commit, "served when it began"),
        _version("Target" if report.kind.moves_code else "Migrations of", report.target_commit, report.subject),
        _version("Serving at the end", serving, _serves(report) if serving else "was not observed"),
    )
    return tag("dl", *cells, class_="versions")


def _version(name: str, commit: str | None, note: str) -> Html:
    """Return one version with what it is."""
    return tag("div", tag("dt", name), tag("dd", tag("code", version_of(commit)), tag("small", note)))


def _serves(report: Report) -> str:
    """Return which of the two versions serves at the end."""
    if report.serving_commit == report.target_commit:
        return "the target"
    return "the one before" if report.serving_commit == report.previous_commit else "neither of the two"


def _figures(report: Report) -> Html:
    """Return the release's numbers."""
    rows = (
        ("Environment", report.environment),
        ("Started", words.moment(report.started_at)),
        ("Ended", words.moment(report.ended_at) if report.ended_at else "not yet"),
        ("Took", words.duration(report) or "—"),
        ("Requests", f"{len(report.requests):,}" if report.requests else "none sent"),
    )
    return tag("dl", *(_term(name, tag("span", text)) for name, text in rows), _failed(report), class_="numbers")


def _failed(report: Report) -> Html:
    """Return the number of failed requests, marked when there are some."""
    failed = report.requests_failed
    mark = icon("failed") if failed else Html()
    count = f"{failed:,}" if report.requests else "—"
    return _term("Failed requests", tag("span", mark, count, class_="failed" if failed else ""))


def _term(name: str, value: Html) -> Html:
    """Return a name and its value."""
    return tag("div", tag("dt", name), tag("dd", value))


def _traffic(report: Report, shared: Axis) -> tuple[Html, ...]:
    """Return the plotted traffic and what failed of it."""
    if not report.requests:
        return (tag("p", "No traffic was sent during this release.", class_="dim"),)
    return plot.draw(report, shared), details.failures(report)


def _footer(report: Report) -> Html:
    """Return how to read the release again."""
    again = tag("code", f"invoke deploy.status --release {report.release_id}")
    return tag("footer", tag("p", "Read it again: ", again), tag("p", f"gonogo · exit code {report.exit_code}"))
