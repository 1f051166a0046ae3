"""Blocks of labelled lines for a terminal or a log: an error, a plan, a verdict.

May not print, and may not know whether the reader sees colours.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from gonogo import trying
from gonogo.errors import ConfigurationError, GonogoError
from gonogo.model import Finding, Plan, PlanKind, Report, Revision, Severity, Verdict, WayBack, version_of
from gonogo.report import traffic, words

_ARROW = "\N{RIGHTWARDS ARROW}"


class Tone(StrEnum):
    """How a line is meant."""

    PLAIN = "plain"
    TITLE = "title"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    COMMAND = "command"  # to be copied, so never broken into lines


class Line(NamedTuple):
    """A line with its label; both may be empty."""

    label: str = ""
    text: str = ""
    tone: Tone = Tone.PLAIN


_SEVERITY_TONES = {Severity.BLOCK: Tone.BAD, Severity.ADVISE: Tone.WARN, Severity.INFO: Tone.GOOD}
_TITLES = {
    PlanKind.RELEASE: "Plan for",
    PlanKind.ROLLBACK: "Rollback of",
    PlanKind.MIGRATION: "Migration of",
    PlanKind.DOWNGRADE: "Downgrade of",
    PlanKind.RESTORE: "Restore of",
    PlanKind.ROTATION: "Rotation on",
}
_WAY_TONES = {
    WayBack.SAFE: Tone.GOOD,
    WayBack.SAFE_WITH_LOSS: Tone.WARN,
    WayBack.UNKNOWN: Tone.BAD,
    WayBack.IMPOSSIBLE: Tone.BAD,
}
_VERDICT_TONES = {
    Verdict.RELEASED: Tone.GOOD,
    Verdict.NOTHING_TO_DO: Tone.GOOD,
    Verdict.NEEDS_PERSON: Tone.BAD,
}


def of_error(error: GonogoError) -> tuple[Line, ...]:
    """Return an error as its form: reference, what, where, why, the next command; empty fields are left out."""
    if isinstance(error, ConfigurationError):
        return of_problems(error)
    form = (
        Line("error", error.reference, Tone.BAD),
        Line("what", error.message),
        Line("where", error.where),
        Line("why", error.why),
        Line("next", error.hint, Tone.COMMAND),
    )
    return _said(form)


def of_problems(error: ConfigurationError) -> tuple[Line, ...]:
    """Return an error of configuration with each of its problems on a line of its own."""
    form = (
        Line("error", error.reference, Tone.BAD),
        Line("what", error.message),
        *(Line("problem", problem, Tone.WARN) for problem in error.problems),
        Line("why", error.why),
        Line("next", error.hint, Tone.COMMAND),
    )
    return _said(form)


def of_plan(plan: Plan) -> tuple[Line, ...]:
    """Return a plan: versions, steps with their intents, migrations, findings, the way back."""
    schema = "schema " if plan.kind.moves_schema else ""
    versions = plan.subject if plan.restoring else f"{schema}{f' {_ARROW} '.join(plan.ends)}"
    title = f"{_TITLES[plan.kind]} {plan.environment}: {versions}"
    steps = (
        Line(f"{number:>{len(str(len(plan.steps)))}}. {step.name}", step.intent)
        for number, step in enumerate(plan.steps, 1)
    )
    return (
        Line(text=title, tone=Tone.TITLE),
        *(() if plan.restoring else (Line("commit", plan.subject),)),
        Line(plan.kind.value, plan.release_id),
        Line(),
        *steps,
        Line(),
        *(() if plan.restoring else (*_migrations(plan), Line())),
        *(finding(each) for each in ranked(plan.findings)),
        *_way_back(plan),
    )


def _moved(report: Report) -> Line:
    """Return what went from where to where; a schema that moves alone brings no version."""
    serving = f"serving at the end: {version_of(report.serving_commit)}"
    if report.kind is PlanKind.RESTORE:
        return Line("restored", f"{report.subject}, {serving}")
    if report.kind is PlanKind.ROTATION:
        return Line("secret", f"{report.subject}, {serving}")
    if not report.kind.moves_code:
        moved = ", ".join(each.id for each in report.pending)
        return Line("moved", f"{moved} {'back' if report.kind.goes_back else 'up'}, {serving}")
    versions = f"{version_of(report.previous_commit)} {_ARROW} {version_of(report.target_commit)}"
    return Line("versions", f"{versions}, {serving}")


def of_verdict(report: Report, page: str) -> tuple[Line, ...]:
    """Return how a release ended: verdict, versions, traffic, why it did not go through, where its page is."""
    title = f"{words.title(report.verdict, report.kind)}. {words.sentence(report)}"
    block = (
        Line(text=title, tone=_VERDICT_TONES.get(report.verdict, Tone.WARN)),
        _moved(report),
        Line("took", words.duration(report)),
        *_traffic(report),
        Line("step", report.where, Tone.BAD),
        Line("reason", report.reason),
        *_unsaid(report),
        *_trial(report),
        *_next_way(report),
        Line("next", report.hint, Tone.COMMAND),
        Line("report", page, Tone.COMMAND),
    )
    return _said(block)


def plain(block: Sequence[Line]) -> str:
    """Return a block as plain text, labels in a column; ends with a line break."""
    width = max((len(line.label) for line in block), default=0)
    return "".join(f"{row}\n" for line in block for row in _rows(line, width))


def columns(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as plain text, columns aligned; ends with a line break."""
    cells = [[words.one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "".join(f"{row.rstrip()}\n" for row in padded)


def _rows(line: Line, width: int) -> Iterator[str]:
    """Yield a line's rows, the later ones indented below its text."""
    indent = f"{'':{width}}  " if line.label else ""
    label = f"{line.label:{width}}  " if line.label else ""
    for number, text in enumerate(words.clean(line.text).split("\n")):
        yield f"{label if number == 0 else indent}{text}".rstrip()


def _said(block: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines that say something."""
    return tuple(line for line in block if line.text)


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings, what blocks first."""
    order = list(_SEVERITY_TONES)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def finding(found: Finding) -> Line:
    """Return a finding with its hint below it."""
    hint = f"\n{_ARROW} {found.hint}" if found.hint else ""
    text = f"{found.rule}: {found.message}{hint}"
    return Line(words.SEVERITIES[found.severity], text, _SEVERITY_TONES[found.severity])


def _migrations(plan: Plan) -> tuple[Line, ...]:
    """Return the pending migrations, oldest first; those of a rollback are applied already."""
    if plan.kind.goes_back and plan.pending:
        end = plan.target_revision if plan.schema_commit else "the same: it stays"
        moves = Line("schema", f"{plan.start_revision} {_ARROW} {end}")
        return (moves, *(_migration(revision, "applied since") for revision in plan.pending))
    if not plan.pending:
        return (Line("migrations", f"none; the schema stays at {plan.start_revision or 'nothing'}"),)
    schema = f"{plan.start_revision or 'nothing'} {_ARROW} {plan.target_revision}"
    return (Line("schema", schema), *(_migration(revision) for revision in plan.pending))


def _migration(revision: Revision, label: str = "migration") -> Line:
    """Return one migration in words."""
    back = "reversible" if revision.reversible else "not reversible"
    return Line(label, f"{revision.id} {revision.title} ({revision.kind}, {back})")


def _way_back(plan: Plan) -> tuple[Line, ...]:
    """Return what going back costs and why, how it is done, and what to do where it cannot be; a rollback goes back."""
    label, said = "going back" if plan.kind.goes_back else "way back", plan.forecast
    if said is None:
        return (Line(label, plan.way_back),)
    because = f"{words.WAYS_BACK[said.verdict]}: {' '.join(said.reasons)}"
    told = Line(label, f"{because}\n{plan.way_back}", _WAY_TONES[said.verdict])
    return (told, *_said((Line("instead", said.instead),)))


def _next_way(report: Report) -> tuple[Line, ...]:
    """Return how a release that went through is gone back from; nothing for any other."""
    if report.verdict is not Verdict.RELEASED or report.kind is not PlanKind.RELEASE or report.forecast is None:
        return ()
    said = words.WAYS_BACK[report.forecast.verdict]
    return (Line("way back", f"{said}: invoke deploy.rollback --env {report.environment} --dry-run"),)


def _traffic(report: Report) -> tuple[Line, ...]:
    """Return the count of requests, and how and when some failed; nothing without traffic."""
    if not report.requests:
        return ()
    text = f"{len(report.requests):,} sent, {report.requests_failed:,} failed"
    counted = Line("requests", text, Tone.BAD if report.requests_failed else Tone.GOOD)
    return (counted, *(Line("", _alike(group), Tone.BAD) for group in traffic.failures(report)))


def _trial(report: Report) -> tuple[Line, ...]:
    """Return what the trial of the migrations said, and how long they took beside that; nothing without either."""
    told = [f"{each.revision}: {trying.told(each)}" for each in report.trial.traced] if report.trial else []
    beside = [f"{each.revision}: {trying.beside(each)}" for each in report.compared]
    elder = [f"the version before: {trying.elder(report.trial.outlived)}"] if report.trial else []
    return _said((Line("trial", "\n".join((*told, *elder))), Line("migrated", "\n".join(beside))))


def _alike(group: traffic.Failures) -> str:
    """Return what failed requests that look alike have in common."""
    answered = "no answer" if group.status is None else f"answered {group.status}"
    meanwhile = f", {', '.join(group.meanwhile)}" if group.meanwhile else ""
    return f"{group.count:,} of {group.kind}: {answered}, {group.first_s:.1f} s to {group.last_s:.1f} s{meanwhile}"


def _unsaid(report: Report) -> tuple[Line, ...]:
    """Return what blocked, where the reason does not say it already; nothing for a release that went through."""
    if report.verdict in {Verdict.RELEASED, Verdict.NOTHING_TO_DO}:
        return ()
    blocking = (f for step in report.steps for f in step.findings if f.severity is Severity.BLOCK)
    return tuple(finding(each) for each in blocking if not each.message.startswith(report.reason))
