"""The sections of a page below its figures: steps with findings and evidence, failures, migrations."""

from collections.abc import Mapping, Sequence

from gonogo.model import Finding, Report, Revision, Severity, StepReport, WayBack
from gonogo.report import timeline, traffic, words
from gonogo.report.markup import Html, each, icon, join, tag

_MARKS = {Severity.BLOCK: "failed", Severity.ADVISE: "advise", Severity.INFO: "done"}


def section(title: str, *children: Html) -> Html:
    """Return a section with its heading."""
    return tag("section", tag("h2", title), *children)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """Return a table; the first cell of a row heads it."""
    heads = tag("thead", tag("tr", each("th", headers, scope="col")))
    return tag("table", heads, tag("tbody", *(_row(headers, row) for row in rows)), class_="data")


def steps(report: Report) -> Html:
    """Return every step with all that was found and seen."""
    ran = [_step(report, step, number) for number, step in enumerate(report.steps, 1) if _has_story(step)]
    silent = [step.name for step in report.steps if not _has_story(step)]
    rest = tag("p", f"Not run: {', '.join(silent)}.", class_="dim") if silent else Html()
    return section("Steps and evidence", *ran, rest)


def failures(report: Report) -> Html:
    """Return the failed requests in groups; nothing when none failed."""
    groups = traffic.failures(report)
    if not groups:
        return Html()
    rows = [
        (group.kind, _status(group.status), f"{group.count:,}", _when(group), ", ".join(group.meanwhile) or "—")
        for group in groups
    ]
    headers = ("Asked", "Answered", "Count", "Since the start", "Meanwhile")
    return tag("div", tag("h3", "Failed requests"), table(headers, rows))


def migrations(revisions: Sequence[Revision]) -> Html:
    """Return the migrations of a release."""
    if not revisions:
        return tag("p", "No migration: the schema stays as it is.", class_="dim")
    rows = [(one.id, one.title, one.kind, "yes" if one.reversible else "no", one.path) for one in revisions]
    return table(("Revision", "What it does", "Kind", "Reversible", "File"), rows)


def way_back(report: Report) -> tuple[Html, ...]:
    """Return what going back costs and why, how it is done, and what to do where it cannot be."""
    done = tag("p", report.way_back or "None was written down.")
    said = report.forecast
    if said is None:
        return (done,)
    mark = {WayBack.SAFE: "done", WayBack.SAFE_WITH_LOSS: "advise"}.get(said.verdict, "failed")
    what = "Going back was called" if report.kind.goes_back else "Going back is"
    verdict = tag("p", icon(mark), f"{what} ", tag("strong", words.WAYS_BACK[said.verdict]), ".")
    reasons = tag("ul", *(tag("li", reason) for reason in said.reasons))
    instead = tag("p", "Instead: ", tag("span", said.instead)) if said.instead else Html()
    return verdict, reasons, done, instead


def _row(headers: Sequence[str], row: Sequence[str]) -> Html:
    """Return a row whose cells say their column too, for pages too narrow for columns."""
    first, *others = row
    cells = (tag("td", text, data_label=header) for header, text in zip(headers[1:], others, strict=True))
    return tag("tr", tag("th", first, scope="row"), *cells)


def _has_story(step: StepReport) -> bool:
    """Return whether there is anything to tell about a step."""
    return step.seconds is not None or bool(step.findings) or bool(step.evidence)


def _step(report: Report, step: StepReport, number: int) -> Html:
    """Return one step: its outcome on the left, findings and evidence beside it."""
    outcome = words.outcome(step, failed=step.name == report.where)
    heading = tag("h3", icon(timeline.mark_of(report, step)), f"{number}. {step.name}")
    head = tag("header", heading, tag("p", _sentence(step, outcome)))
    body = tag("div", findings(step.findings), _evidence(step.evidence), class_="story")
    return tag("article", head, body, id=f"step-{step.name}")


def _sentence(step: StepReport, outcome: str) -> str:
    """Return a step's outcome with its durations."""
    took = [] if step.seconds is None else [words.seconds(step.seconds)]
    if step.reverted_seconds is not None:
        took.append(f"undoing it {words.seconds(step.reverted_seconds)}")
    if step.idle_s:
        took.append(f"nobody was at it for {words.seconds(step.idle_s)}")
    return ", ".join([outcome, *took])


def findings(found: Sequence[Finding]) -> Html:
    """Return findings as a list, what blocks first."""
    order = list(_MARKS)
    ranked = sorted(found, key=lambda finding: order.index(finding.severity))
    return tag("ul", *(_finding(finding) for finding in ranked), class_="findings") if ranked else Html()


def _finding(finding: Finding) -> Html:
    """Return a finding: severity by shape and word, rule, message, hint."""
    severity = tag("b", icon(_MARKS[finding.severity]), words.SEVERITIES[finding.severity])
    hint = tag("span", finding.hint, class_="hint") if finding.hint else Html()
    told = tag("div", finding.message, hint, class_="message")
    return tag("li", severity, tag("code", finding.rule), told, class_=finding.severity.value)


def _evidence(evidence: Mapping[str, str]) -> Html:
    """Return evidence as a table of names and values."""
    if not evidence:
        return Html()
    short = {name: value for name, value in evidence.items() if "\n" not in value}
    rows = join(tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in short.items())
    heads = tag("thead", tag("tr", each("th", ("Evidence", "Observed"), scope="col")))
    table = tag("table", heads, tag("tbody", rows), class_="evidence") if short else Html()
    long = {name: value for name, value in evidence.items() if name not in short}
    texts = (tag("figure", tag("figcaption", name), _numbered(value)) for name, value in long.items())
    return join([table, *texts])


def _numbered(text: str) -> Html:
    """Return lines as they are, each with its number: findings speak of line numbers."""
    lines = text.rstrip("\n").split("\n")
    width = len(str(len(lines)))
    return tag("pre", "\n".join(f"{number:>{width}}  {line}" for number, line in enumerate(lines, start=1)))


def _status(status: int | None) -> str:
    """Return an HTTP status in words."""
    return "nothing" if status is None else str(status)


def _when(group: traffic.Failures) -> str:
    """Return the stretch of time in which a group of requests failed."""
    first, last = words.seconds(group.first_s), words.seconds(group.last_s)
    return first if first == last else f"{first} to {last}"
