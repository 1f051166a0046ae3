"""What pending migrations will do, before they do it: their SQL, and what the rules, they themselves and a trial say.

The migration gate, `migrate.plan` and `migrate.rehearse` use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gonogo import lint
from gonogo.model import Checkout, Finding, Limits, LintFinding, Manner, Migration, Revision, Said, Severity, Trial
from gonogo.protocols import Migrations

_KINDS = {"expand", "contract", "data"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One pending migration, its SQL and its findings."""

    revision: Revision
    sql: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A trial, and the budgets that it is held against."""

    trial: Trial
    limits: Limits


def foresee(
    migrations: Migrations,
    checkout: Checkout,
    pending: Sequence[Revision],
    *,
    today: date,
    evidence: Evidence | None = None,
) -> tuple[Foreseen, ...]:
    """Return what each pending migration will do, by what it sent when it was run on a scratch database.

    Args:
        migrations: where they are read.
        checkout: what they are read from.
        pending: oldest first.
        today: for waivers that expire.
        evidence: what trying them showed; None where nobody did.

    Raises:
        RefusedError: the migrations cannot be read.
    """
    if not pending:
        return ()
    chain = migrations.chain(checkout)
    subjects = lint.subjects(chain, today=today, wanted=[revision.id for revision in pending])
    said = migrations.squawk([lint.script(subject) for subject in subjects])
    whole = tuple(finding(each) for each in lint.judge_chain(chain))
    known = {revision.id: revision for revision in pending}
    found = {
        subject.migration.id: (subject.migration, _judged(subject, words, known[subject.migration.id], evidence))
        for subject, words in zip(subjects, said, strict=True)
    }
    return tuple(
        _foreseen(revision, *found[revision.id], whole if number == 0 else ())
        for number, revision in enumerate(pending)
    )


def _judged(
    subject: lint.Subject, words: Sequence[Said], revision: Revision, evidence: Evidence | None
) -> tuple[Finding, ...]:
    """Return what is found in one revision, by its text and, where there was one, by its trial."""
    found = lint.judge(subject, words)
    if evidence:
        found = lint.judge_trial(subject, found, trial=evidence.trial, revision=revision, limits=evidence.limits)
    return tuple(finding(each) for each in found)


def _foreseen(
    revision: Revision, migration: Migration, findings: tuple[Finding, ...], whole: tuple[Finding, ...]
) -> Foreseen:
    """Return one migration with its findings; what is said of the history as a whole stands by the first."""
    return Foreseen(revision=revision, sql=_sql(migration), findings=(*whole, *_declared(revision), *findings))


def _sql(migration: Migration) -> str:
    """Return what a migration sends; that it was not run is said."""
    why = f": {migration.problem}" if migration.problem else ""
    head = "" if migration.manner is Manner.CAPTURED else f"-- rendered, not run on a scratch database{why}\n"
    return head + "".join(f"{statement.sql.strip().rstrip(';')};\n" for statement in migration.statements)


def finding(found: LintFinding) -> Finding:
    """Return a rule's finding as a step's; waived or cleared, it says by which reason."""
    where = f"{found.revision} ({found.where})" if found.revision else found.where
    waived = f" (waived: {found.waived})" if found.waived else ""
    cleared = f" (cleared by the trial: {found.cleared})" if found.cleared else ""
    message = f"{f'{where}, ' if where else ''}{found.message}: {found.consequence}{waived}{cleared}"
    return Finding(rule=found.reference, severity=found.severity, message=message, hint=found.fix)


def _declared(revision: Revision) -> tuple[Finding, ...]:
    """Return a finding for a revision that does not say what it is."""
    if revision.kind in _KINDS:
        return ()
    message = f"{revision.path} does not say whether old code survives it"
    hint = 'add kind = "expand" (or "contract", "data") and reversible = True (or False) to it'
    return (Finding(rule="migration-declares-kind", severity=Severity.BLOCK, message=message, hint=hint),)
