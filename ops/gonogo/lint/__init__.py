"""Rules for migrations: pure functions from revisions to findings.

May not look at anything outside: who runs it hands in the revisions with their statements, and what squawk said.
"""

from collections.abc import Iterable, Sequence

from gonogo import trying
from gonogo.lint import rules, squawk, waiving
from gonogo.lint.records import Source, Subject, named
from gonogo.lint.rules import REFERENCES
from gonogo.lint.source import read_source, title
from gonogo.lint.subjects import subjects
from gonogo.model import Chain, Limits, LintFinding, Migration, Revision, Said, Severity, Trial

__all__ = ["REFERENCES", "Subject", "judge", "judge_chain", "judge_trial", "read_revision", "script", "subjects"]
_ORDER = (Severity.BLOCK, Severity.ADVISE, Severity.INFO)


def script(subject: Subject) -> str:
    """Return a revision's SQL as squawk is to read it, a file for each revision."""
    return squawk.script(subject)[0]


def read_revision(migration: Migration) -> tuple[str, Source]:
    """Return the first line of what a revision's file says of itself, and what it declares."""
    return title(migration.source), read_source(migration.source, migration.path)


def judge(subject: Subject, said: Sequence[Said] = ()) -> tuple[LintFinding, ...]:
    """Return everything that is found in one revision, by its lines; ours stand for squawk's where both say it.

    Args:
        subject: the revision.
        said: what squawk says of its `script`.
    """
    found = [named(advice, rule.reference, subject.migration) for rule in rules.ALL for advice in rule.check(subject)]
    if said:
        found += squawk.findings(subject, said, squawk.script(subject)[1])
    references = rules.REFERENCES | trying.REFERENCES | {finding.reference for finding in found}
    kept = waiving.waived(subject, dict.fromkeys(found), references)
    return _ranked(kept)


def judge_trial(
    subject: Subject, found: Sequence[LintFinding], *, trial: Trial, revision: Revision, limits: Limits
) -> tuple[LintFinding, ...]:
    """Return what was found in one revision once it was tried: what the trial clears, and what it adds.

    Args:
        subject: the revision.
        found: what `judge` says of it.
        trial: what was held.
        revision: the same as a release knows it.
        limits: the budgets.
    """
    traced = next((each for each in trial.traced if each.revision == revision.id), None)
    tried = waiving.let_pass(subject, trying.judge(trial, revision, limits), trying.REFERENCES)
    return _ranked((*tried, *trying.cleared(found, trial, traced, limits)))


def _ranked(found: Iterable[LintFinding]) -> tuple[LintFinding, ...]:
    """Return findings, what blocks first."""
    return tuple(sorted(found, key=lambda finding: (_ORDER.index(finding.severity), finding.line)))


def judge_chain(chain: Chain) -> tuple[LintFinding, ...]:
    """Return what is found in a history as a whole."""
    return tuple(finding for check in rules.CHAIN for finding in check(chain))
