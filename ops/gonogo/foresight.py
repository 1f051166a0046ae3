"""What pending migrations will do, before they do it: SQL, deeds, and what the rules, they themselves and a trial say.

The migration gate, `migrate.plan` and `migrate.rehearse` use it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from gonogo import deeds, lint
from gonogo.lint import Subject
from gonogo.model import (
    Chain,
    Checkout,
    Deeds,
    Finding,
    Limits,
    LintFinding,
    Manner,
    Migration,
    Revision,
    Said,
    Severity,
    Trial,
)
from gonogo.protocols import Migrations

_KINDS = {"expand", "contract", "data"}
Squawk = Callable[[Sequence[str]], tuple[tuple[Said, ...], ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One pending migration, its SQL and its findings.

    Attributes:
        deeds: what it does.
        manner: how its SQL became known.
    """

    revision: Revision
    sql: str
    findings: tuple[Finding, ...]
    deeds: Deeds = field(default_factory=Deeds)
    manner: Manner = Manner.CAPTURED


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A trial, and the budgets that it is held against.

    Attributes:
        environment: whose they are; empty for a project's own.
    """

    trial: Trial
    limits: Limits
    environment: str = ""


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
    return foresee_chain(migrations.chain(checkout), pending, migrations.squawk, today=today, evidence=evidence)


def foresee_chain(  # all of it is needed, and half of it by name
    chain: Chain,
    wanted: Sequence[Revision],
    squawk: Squawk,
    *,
    today: date,
    must_declare: bool = True,
    evidence: Evidence | None = None,
) -> tuple[Foreseen, ...]:
    """Return what each of some migrations of a history does.

    Args:
        chain: the history, with what each revision sends.
        wanted: those to look at, oldest first.
        squawk: what says what squawk says.
        today: for waivers that expire.
        must_declare: whether a revision that does not say its kind is stopped.
        evidence: what trying them showed; None where nobody did.
    """
    subjects = lint.subjects(chain, today=today, wanted=[revision.id for revision in wanted])
    said = squawk([lint.script(subject) for subject in subjects])
    whole = tuple(finding(each) for each in lint.judge_chain(chain))
    found = {subject.migration.id: (subject, words) for subject, words in zip(subjects, said, strict=True)}
    return tuple(
        _foreseen(
            revision,
            *found[revision.id],
            evidence,
            (*(whole if number == 0 else ()), *(_undeclared(revision) if must_declare else ())),
        )
        for number, revision in enumerate(wanted)
    )


def _judged(
    revision: Revision, subject: Subject, words: Sequence[Said], evidence: Evidence | None
) -> tuple[Finding, ...]:
    """Return what is found in one revision, by its text and, where there was one, by its trial."""
    found = lint.judge(subject, words)
    if evidence:
        found = lint.judge_trial(
            subject,
            found,
            trial=evidence.trial,
            revision=revision,
            limits=evidence.limits,
            environment=evidence.environment,
        )
    return tuple(finding(each) for each in found)


def _foreseen(
    revision: Revision,
    subject: Subject,
    words: Sequence[Said],
    evidence: Evidence | None,
    findings: tuple[Finding, ...],
) -> Foreseen:
    """Return one migration with its findings; what is said of the history as a whole stands by the first."""
    own, done = _judged(revision, subject, words, evidence), deeds.of(subject)
    return Foreseen(
        revision=revision,
        sql=_sql(subject.migration),
        findings=(*findings, *own, *_tighter(revision, done)),
        deeds=done,
        manner=subject.migration.manner,
    )


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


def _undeclared(revision: Revision) -> tuple[Finding, ...]:
    """Return a finding for a revision that does not say what it is."""
    if revision.kind in _KINDS:
        return ()
    message = f"{revision.path} does not say whether old code survives it"
    hint = 'add kind = "expand" (or "contract", "data") and reversible = True (or False) to it'
    return (Finding(rule="migration-declares-kind", severity=Severity.BLOCK, message=message, hint=hint),)


def _tighter(revision: Revision, done: Deeds) -> tuple[Finding, ...]:
    """Return a finding for a revision that says that old code survives it, and takes less than before."""
    if revision.kind != "expand" or not done.tightens:
        return ()
    message = f"{revision.id} says that it is expand, and tightens: {'; '.join(done.tightens)}"
    hint = 'kind = "contract", one release after the last code that does this; or waived by what N-1 shows'
    return (Finding(rule="expand-tightens", severity=Severity.ADVISE, message=message, hint=hint),)
