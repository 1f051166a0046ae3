"""A rehearsal: as a page, as lines for a terminal, and as the one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict

from gonogo import trying
from gonogo.model import JSON, Finding, Rehearsed, Revision, Severity, Traced
from gonogo.report import details, style, trials, words
from gonogo.report.lines import Line, Tone, finding
from gonogo.report.markup import Html, icon, tag, void

_ARROW = "\N{RIGHTWARDS ARROW}"


def page(told: Rehearsed) -> str:
    """Return the whole page; every text from outside is escaped."""
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title(told)}: rehearsal of {told.environment or 'the project'}"),
        tag("style", Html(style.SHEET)),
    )
    body = tag("body", style.marks(), tag("main", *_parts(told)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def document(told: Rehearsed, *, page: str) -> dict[str, JSON]:
    """Return a rehearsal as the one JSON object of `--json`.

    Args:
        told: the rehearsal.
        page: where its page was written.
    """
    backup = told.backup
    return {
        "verdict": "within_budget" if told.is_good else "no_go",
        "exit_code": 0 if told.is_good else 4,
        "environment": told.environment or None,
        "at": told.at.isoformat(),
        "backup": backup.name if backup else None,
        "backup_taken_at": backup.taken_at.isoformat() if backup and backup.taken_at else None,
        "start": told.start,
        "pending": [dict(asdict(each)) for each in told.revisions],
        "trial": trials.document(told.trial),
        "findings": {name: [dict(asdict(each)) for each in found] for name, found in told.findings.items()},
        "notes": list(told.notes),
        "report": page,
    }


def of_rehearsal(told: Rehearsed, page: str) -> tuple[Line, ...]:
    """Return a rehearsal as labelled lines: the data, each revision with what it did, the version before, the verdict.

    Args:
        told: the rehearsal.
        page: where its page was written.
    """
    return (*_head(told), *(line for each in told.revisions for line in _revision(told, each)), *_foot(told, page))


def title(told: Rehearsed) -> str:
    """Return the verdict as a heading."""
    if told.trial is None:
        return "Nothing pending"
    return "Within budget" if told.is_good else "No-go"


def _parts(told: Rehearsed) -> Iterator[Html]:
    """Yield the page from top to bottom."""
    yield _masthead(told)
    yield trials.section(told.trial, told.revisions)
    if told.all_findings:
        yield details.section("What is said", *(_findings(told, name) for name in told.findings if told.findings[name]))
    yield details.section("Migrations", details.migrations(told.revisions))
    env = f" --env {told.environment}" if told.environment else ""
    again = tag("code", f"invoke migrate.rehearse{env}")
    yield tag("footer", tag("p", "Again: ", again), tag("p", f"gonogo · exit code {0 if told.is_good else 4}"))


def _masthead(told: Rehearsed) -> Html:
    """Return the verdict, what it is about, and what is to be known of how it came about."""
    tone = "done" if told.is_good else "failed"
    eyebrow = tag("p", f"Rehearsal of {told.environment or 'the project'} · {words.moment(told.at)}", class_="eyebrow")
    heading = tag("h1", icon(tone), title(told))
    lead = tag("p", f"{words.counted(len(told.revisions), 'revision')}, on {_data(told)}", class_="lead")
    notes = tag("dl", *(_note(note) for note in told.notes), class_="why") if told.notes else Html()
    return tag("header", eyebrow, heading, lead, notes, class_=f"masthead {tone}")


def _note(note: str) -> Html:
    """Return one note."""
    return tag("div", tag("dt", "Note"), tag("dd", tag("span", note)))


def _findings(told: Rehearsed, name: str) -> Html:
    """Return what is said of one revision, or of all of them together."""
    heading = tag("h3", name or "All together")
    return tag("article", tag("header", heading), tag("div", details.findings(told.findings[name]), class_="story"))


def _head(told: Rehearsed) -> Iterator[Line]:
    """Yield what it is about."""
    yield Line(text=f"Rehearsal of {told.environment or 'the project'}", tone=Tone.TITLE)
    yield Line("data", _data(told))
    for note in (*told.notes, *(told.trial.notes if told.trial else ())):
        yield Line("note", note, Tone.WARN)
    if told.revisions:
        way = f"{told.start or 'nothing'} {_ARROW} {told.revisions[-1].id}"
        yield Line("pending", f"{words.counted(len(told.revisions), 'revision')}, {way}")
    else:
        yield Line("pending", "nothing: the schema is at its head", Tone.GOOD)


def _data(told: Rehearsed) -> str:
    """Return what the copy was made from."""
    trial, backup = told.trial, told.backup
    server = f", on PostgreSQL {trial.server_version}" if trial else ""
    if backup is None:
        return f"an empty database{server}"
    age = f", {_age((told.at - backup.taken_at).total_seconds())} old" if backup.taken_at else ""
    size = f", {trying.size(trial.database_bytes)} restored" if trial else ""
    dumped = f" (dumped from {backup.server_version})" if backup.server_version else ""
    return f"{backup.name}{age}, sha256 as in its manifest{size}{server}{dumped}"


def _age(seconds: float) -> str:
    """Return the age of a backup for people."""
    hours = seconds / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} h" if hours >= 1 else f"{seconds / 60:.0f} min"  # noqa: PLR2004


def _revision(told: Rehearsed, revision: Revision) -> Iterator[Line]:
    """Yield one revision: what it did, and what is said of it."""
    found = told.findings.get(revision.id, ())
    is_stopped = any(each.severity is Severity.BLOCK for each in found)
    traced = next((each for each in told.trial.traced if each.revision == revision.id), None) if told.trial else None
    yield Line()
    verdict = "no-go" if is_stopped else "ok" if traced else "not tried"
    yield Line(revision.id, f"{revision.title.rstrip('.')}: {verdict}", Tone.BAD if is_stopped else Tone.GOOD)
    if traced and told.trial:
        yield from _traced(traced)
        yield Line("stair", trials.stair(trials.stair_of(told.trial, revision.id)))
    for each in _ranked(found):
        yield finding(each)


def _traced(traced: Traced) -> Iterator[Line]:
    """Yield what was watched: time, locks with their bars, what was written anew, what the load waited."""
    way = "grew" if traced.growth_bytes > 0 else "shrank"
    grown = f", the database {way} by {trying.size(abs(traced.growth_bytes))}" if traced.growth_bytes else ""
    yield Line("took", f"{trying.seconds(traced.seconds)}{grown}")
    if traced.problem:
        yield Line("failed", traced.problem, Tone.BAD)
    for wait in trying.held(traced)[:12]:
        held = f"{trials.bar(traced, wait.relation)} {wait.relation}"
        text = f"{held}\n{wait.mode.value} {trying.seconds(wait.seconds)}, {trying.who_waits(wait.need)}"
        yield Line("lock", text, Tone.WARN if wait.need else Tone.PLAIN)
    for label, text in (("rewritten", trials.rewritten(traced)), ("waited", trials.stalls(traced))):
        if text:
            yield Line(label, text, Tone.WARN)


def _ranked(found: tuple[Finding, ...]) -> list[Finding]:
    """Return findings, what blocks first."""
    return sorted(found, key=lambda each: tuple(Severity).index(each.severity))


def _foot(told: Rehearsed, page: str) -> Iterator[Line]:
    """Yield the version before, the worst waits, and the verdict."""
    yield Line()
    if told.trial:
        yield Line("N-1", trying.elder(told.trial.outlived))
        yield Line("worst wait", _worst(told.trial.traced))
    for each in _ranked(told.findings.get("", ())):
        yield finding(each)
    count = sum(each.severity is Severity.BLOCK for each in told.all_findings)
    verdict = f"no-go: {words.counted(count, 'blocker')}" if count else title(told).lower()
    yield Line("verdict", verdict, Tone.BAD if count else Tone.GOOD)
    yield Line("report", page, Tone.COMMAND)


def _worst(traced: tuple[Traced, ...]) -> str:
    """Return the longest that readers, and writers, would wait."""
    longest: dict[str, tuple[float, str]] = {}
    for each in traced:
        for wait in trying.waits(each):
            longest[wait.need] = max(longest.get(wait.need, (0.0, "")), (wait.seconds, each.revision))
    found = sorted(longest.items())
    said = [f"to {need} {trying.seconds(seconds)} ({revision})" for need, (seconds, revision) in found]
    return ", ".join(said) or "nobody had to wait"
