"""What pending migrations will do, before they do it: their SQL, and what the rules and they themselves say.

The migration gate and `migrate.plan` both use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gonogo import lint
from gonogo.model import Checkout, Finding, LintFinding, Manner, Migration, Revision, Severity
from gonogo.protocols import Migrations

_KINDS = {"expand", "contract", "data"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One pending migration, its SQL and its findings."""

    revision: Revision
    sql: str
    findings: tuple[Finding, ...]


def foresee(
    migrations: Migrations, checkout: Checkout, pending: Sequence[Revision], *, today: date
) -> tuple[Foreseen, ...]:
    """Return what each pending migration will do, by what it sent when it was run on a scratch database.

    Raises:
        RefusedError: the migrations cannot be read.
    """
    if not pending:
        return ()
    chain = migrations.chain(checkout)
    subjects = lint.subjects(chain, today=today, wanted=[revision.id for revision in pending])
    said = migrations.squawk([lint.script(subject) for subject in subjects])
    whole = tuple(_finding(each) for each in lint.judge_chain(chain))
    found = {
        subject.migration.id: (subject.migration, tuple(_finding(each) for each in lint.judge(subject, words)))
        for subject, words in zip(subjects, said, strict=True)
    }
    return tuple(
        _foreseen(revision, *found[revision.id], whole if number == 0 else ())
        for number, revision in enumerate(pending)
    )


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


def _finding(found: LintFinding) -> Finding:
    """Return a rule's finding as a step's; waived, it says by which reason."""
    where = f"{found.revision} ({found.where})" if found.revision else found.where
    waived = f" (waived: {found.waived})" if found.waived else ""
    message = f"{where}, {found.message}: {found.consequence}{waived}"
    return Finding(rule=found.reference, severity=found.severity, message=message, hint=found.fix)


def _declared(revision: Revision) -> tuple[Finding, ...]:
    """Return a finding for a revision that does not say what it is."""
    if revision.kind in _KINDS:
        return ()
    message = f"{revision.path} does not say whether old code survives it"
    hint = 'add kind = "expand" (or "contract", "data") and reversible = True (or False) to it'
    return (Finding(rule="migration-declares-kind", severity=Severity.BLOCK, message=message, hint=hint),)
