"""Waivers: what a revision lets pass, why, and for how long."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from gonogo.lint.records import Subject, Waiver
from gonogo.model import LintFinding, Severity

_MARK = re.compile(r"#\s*gonogo:\s*(.*)")
_WAIVER = re.compile(r"allow\s+([\w-]+)(?:\s+until\s+(\d{4}-\d\d-\d\d))?\s*(?::\s*(.*))?$")
REFERENCE = "waiver"
_FORM = "# gonogo: allow {reference} until {year}-12-31: why it is safe here"


def read_waivers(text: str) -> tuple[tuple[Waiver, ...], tuple[int, ...]]:
    """Return a file's waivers, and the lines that look like one and cannot be read."""
    waivers, bad = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (mark := _MARK.search(line)):
            continue
        found = _WAIVER.match(mark[1].strip())
        if not found:
            bad.append(number)
            continue
        waivers.append(
            Waiver(reference=found[1], until=_day(found[2] or ""), reason=(found[3] or "").strip(), line=number)
        )
    return tuple(waivers), tuple(bad)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def waived(subject: Subject, findings: Iterable[LintFinding], references: frozenset[str]) -> Iterator[LintFinding]:
    """Yield the findings, those with a good waiver as advice with its reason; then what is wrong with waivers."""
    yield from let_pass(subject, findings, references)
    for each in subject.source.waivers:
        if problem := _wrong(each, subject, references):
            yield _finding(subject, each.line, f"the waiver for {each.reference} {problem}", each.reference)
    for line in subject.source.bad_waivers:
        yield _finding(subject, line, "this looks like a waiver and is none", "REFERENCE")


def let_pass(subject: Subject, findings: Iterable[LintFinding], references: frozenset[str]) -> Iterator[LintFinding]:
    """Yield the findings, those with a good waiver as information with its reason."""
    good = {each.reference: each for each in subject.source.waivers if not _wrong(each, subject, references)}
    for finding in findings:
        waiver = good.get(finding.reference)
        yield replace(finding, severity=Severity.INFO, waived=waiver.reason) if waiver else finding


def _wrong(waiver: Waiver, subject: Subject, references: frozenset[str]) -> str:
    """Return what is wrong with a waiver; empty when nothing is."""
    if waiver.reference not in references:
        return "names no rule"
    if waiver.until is None:
        return "says no last day"
    if not waiver.reason:
        return "gives no reason"
    return f"ended on {waiver.until.isoformat()}" if waiver.until < subject.today else ""


def _finding(subject: Subject, line: int, message: str, reference: str) -> LintFinding:
    """Return a finding about a waiver."""
    return LintFinding(
        reference=REFERENCE,
        severity=Severity.BLOCK,
        revision=subject.migration.id,
        path=subject.migration.path,
        line=line,
        message=message,
        consequence="nobody knows any more whether what it lets pass is still safe; it lets nothing pass",
        fix=f"mend the migration, or write: {_FORM.format(reference=reference, year=subject.today.year + 1)}",
    )
