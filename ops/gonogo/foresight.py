"""What pending migrations will do, before they do it: their SQL, and what the linter and they themselves say.

The migration gate and `migrate.plan` both use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gonogo.model import Checkout, Finding, Revision, Severity
from gonogo.protocols import Migrations

_KINDS = {"expand", "contract", "data"}
# What breaks code that still uses it, and is quick: right in a contract, once no such code runs.
_TAKES_AWAY = {
    "ban-drop-column", "ban-drop-domain", "ban-drop-function", "ban-drop-schema", "ban-drop-sequence", "ban-drop-table",
    "ban-drop-type", "ban-drop-view", "renaming-column", "renaming-table",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One pending migration, its SQL and its findings."""

    revision: Revision
    sql: str
    findings: tuple[Finding, ...]


def foresee(
    migrations: Migrations, checkout: Checkout, start: str | None, pending: Sequence[Revision]
) -> tuple[Foreseen, ...]:
    """Return what each pending migration will do; one at a time, since a linter trusts what the same file creates.

    Raises:
        RefusedError: the SQL cannot be shown.
    """
    before = (start, *(revision.id for revision in pending))
    return tuple(
        _foreseen(migrations, revision, migrations.sql(checkout, since, revision.id))
        for since, revision in zip(before, pending, strict=False)
    )


def _foreseen(migrations: Migrations, revision: Revision, sql: str) -> Foreseen:
    """Return one migration with its findings."""
    linted = tuple(_weighed(revision, finding) for finding in migrations.lint(sql))
    return Foreseen(revision=revision, sql=sql, findings=(*_declared(revision), *linted))


def _weighed(revision: Revision, finding: Finding) -> Finding:
    """Return a finding that names its migration; taking away is what a contract is for, so there it is advice."""
    is_meant = revision.kind == "contract" and finding.rule in _TAKES_AWAY
    severity = Severity.ADVISE if is_meant and finding.severity is Severity.BLOCK else finding.severity
    return replace(finding, severity=severity, message=f"{revision.id} ({revision.path}), {finding.message}")


def _declared(revision: Revision) -> tuple[Finding, ...]:
    """Return a finding for a revision that does not say what it is."""
    if revision.kind in _KINDS:
        return ()
    message = f"{revision.path} does not say whether old code survives it"
    hint = 'add kind = "expand" (or "contract", "data") and reversible = True (or False) to it'
    return (Finding(rule="migration-declares-kind", severity=Severity.BLOCK, message=message, hint=hint),)
