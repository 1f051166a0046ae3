"""What rules said of a statement, set against what a trial measured of it.

A rule does not know how big a table is. Where the very statement ran on a copy of the very data, and what it held was
far below the budget, the finding becomes information that says so. Everything else stands as it was said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gonogo.model import Hold, Limits, LintFinding, Severity, Traced, Trial
from gonogo.trying.measures import Wait, waits

# Rules that speak of nothing but how long a table is locked while rows are read or written.
CLEARABLE = frozenset(
    {
        "check-not-valid",
        "column-type-rewrite",
        "exclusion-constraint",
        "foreign-key-not-valid",
        "index-not-concurrent",
        "partition-attached",
        "rewriting-column",
        "set-not-null",
        "squawk-changing-column-type",
        "unique-without-index",
        "validate-in-same-transaction",
        "volatile-default",
    }
)
# These wait for every query on the table: how long depends on who is there, not on how big it is.
_WAITING = ("drop ", "alter table only ", "create table ")
# An idle scratch server is quicker than a busy one.
_MARGIN = 4


def cleared(
    found: Iterable[LintFinding], trial: Trial, traced: Traced | None, limits: Limits
) -> tuple[LintFinding, ...]:
    """Return what rules found in one revision, with what the trial shows to be harmless here as information.

    Args:
        found: what the rules say of the revision.
        trial: what was held; one that began with an empty database clears nothing.
        traced: the revision as it was watched; None when it was not.
        limits: of the environment.
    """
    if traced is None or traced.problem or not trial.backup:
        return tuple(found)
    return tuple(_cleared(each, traced, limits) for each in found)


def _cleared(finding: LintFinding, traced: Traced, limits: Limits) -> LintFinding:
    """Return a finding, as information where its statement was seen to hold nothing for long."""
    holds = tuple(_of_statement(finding, traced.holds))
    if not _speaks_of_time(finding) or not holds:
        return finding
    tables = {hold.relation for hold in holds}
    longest = [wait for wait in waits(traced) if wait.relation in tables]
    if not longest or any(wait.seconds * _MARGIN > _budget(wait, limits) for wait in longest):
        return finding
    worst = {wait.relation: wait for wait in sorted(longest, key=lambda wait: wait.seconds)}.values()
    said = ", ".join(f"{wait.mode.value} on {wait.relation} {wait.seconds * 1000:.1f} ms" for wait in worst)
    rewritten = tables & {rewrite.relation for rewrite in traced.rewrites}
    files = f"{', '.join(sorted(rewritten))} written anew" if rewritten else "no rewrite"
    return replace(finding, severity=Severity.INFO, cleared=f"{said}, {files}")


def _speaks_of_time(finding: LintFinding) -> bool:
    """Return whether a finding is about how long rows take, and lets a release go only after that is known."""
    is_open = finding.severity is not Severity.INFO
    return is_open and finding.reference in CLEARABLE and not _flat(finding.statement).startswith(_WAITING)


def _of_statement(finding: LintFinding, holds: Iterable[Hold]) -> Iterator[Hold]:
    """Yield the locks that the statement of a finding took."""
    wanted = _flat(finding.statement)
    for hold in holds:
        sent = _flat(hold.statement)
        if wanted and (wanted == sent or (sent.endswith("…") and wanted.startswith(sent[:-1]))):
            yield hold


def _budget(wait: Wait, limits: Limits) -> float:
    """Return how long a wait may be."""
    return limits.trial_reads_s if wait.need == "read" else limits.trial_writes_s


def _flat(sql: str) -> str:
    """Return a statement on one line, in small letters, without its end."""
    return " ".join(sql.lower().split()).rstrip("; ")
