"""Rules for migrations: pure functions from revisions to findings.

May not look at anything outside: who runs it hands in the revisions with their statements, and what squawk said.
"""

from collections.abc import Iterable, Iterator, Sequence

from gonogo import trying
from gonogo.lint import rules, squawk, waiving
from gonogo.lint.functions import Definition
from gonogo.lint.records import Advice, Rule, Source, Subject, named
from gonogo.lint.rules import FUNCTIONS, REFERENCES
from gonogo.lint.source import read_source
from gonogo.lint.subjects import subjects
from gonogo.model import Chain, Limits, LintFinding, Revision, Said, Severity, Trial

__all__ = [
    "REFERENCES",
    "Definition",
    "Source",
    "Subject",
    "judge",
    "judge_chain",
    "judge_functions",
    "judge_trial",
    "read_source",
    "script",
    "subjects",
]
UNCHECKED = "could-not-check"
_ORDER = (Severity.BLOCK, Severity.ADVISE, Severity.INFO)


def script(subject: Subject) -> str:
    """Return a revision's SQL as squawk is to read it, a file for each revision."""
    return squawk.script(subject)[0]


def judge(subject: Subject, said: Sequence[Said] = ()) -> tuple[LintFinding, ...]:
    """Return everything that is found in one revision, by its lines; ours stand for squawk's where both say it.

    Args:
        subject: the revision.
        said: what squawk says of its `script`.
    """
    found = [finding for rule in rules.ALL for finding in _found(rule, subject)]
    if said:
        found += squawk.findings(subject, said, squawk.script(subject)[1])
    references = rules.REFERENCES | trying.REFERENCES | {UNCHECKED} | {finding.reference for finding in found}
    kept = waiving.waived(subject, dict.fromkeys(found), references)
    return _ranked(kept)


def judge_trial(
    subject: Subject,
    found: Sequence[LintFinding],
    *,
    trial: Trial,
    revision: Revision,
    limits: Limits,
    environment: str = "",
) -> tuple[LintFinding, ...]:
    """Return what was found in one revision once it was tried: what the trial clears, and what it adds.

    Args:
        subject: the revision.
        found: what `judge` says of it.
        trial: what was held.
        revision: the same as a release knows it.
        limits: the budgets.
        environment: whose they are; empty for a project's own.
    """
    traced = next((each for each in trial.traced if each.revision == revision.id), None)
    tried = waiving.let_pass(subject, trying.judge(trial, revision, limits, environment), trying.REFERENCES)
    return _ranked((*tried, *trying.cleared(found, trial, traced, limits)))


def _ranked(found: Iterable[LintFinding]) -> tuple[LintFinding, ...]:
    """Return findings, what blocks first."""
    return tuple(sorted(found, key=lambda finding: (_ORDER.index(finding.severity), finding.line)))


def _found(rule: Rule, subject: Subject) -> Iterator[LintFinding]:
    """Yield what a rule finds; one that cannot look says so, and does not keep the others from looking."""
    try:
        yield from [named(advice, rule.reference, subject.migration) for advice in rule.check(subject)]
    except Exception as error:  # noqa: BLE001  # a rule's own fault is a finding, never silence
        yield named(_unchecked(rule, error), UNCHECKED, subject.migration)


def _unchecked(rule: Rule, error: Exception) -> Advice:
    return Advice(
        severity=Severity.BLOCK,
        message=f"could not be checked by {rule.reference}: {type(error).__name__}: {error}"[:300],
        consequence=f"nobody knows whether it does what {rule.reference} is about",
        fix=f"look at it by hand with docs/checks/{rule.reference}.md, waive {UNCHECKED} with what was seen, "
        "and tell who keeps gonogo",
    )


def judge_functions(definitions: Iterable[Definition]) -> tuple[LintFinding, ...]:
    """Return what is found in functions as they are defined now, in a live database.

    Args:
        definitions: as a catalog has them.
    """
    return tuple(
        LintFinding(
            reference=reference,
            severity=Severity.BLOCK,
            message=message,
            consequence=consequence,
            fix=fix,
            statement=definition.signature,
        )
        for definition in definitions
        for reference, consequence, judge_one in FUNCTIONS
        for message, fix in judge_one(definition)
    )


def judge_chain(chain: Chain) -> tuple[LintFinding, ...]:
    """Return what is found in a history as a whole."""
    return tuple(finding for check in rules.CHAIN for finding in check(chain))
