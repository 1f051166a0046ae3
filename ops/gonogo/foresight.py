"""What migrations will do, before they do it: SQL, deeds, and what the rules, they themselves and a trial say.

The migration gate, `migrate.plan`, `migrate.lint` and `migrate.rehearse` use it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gonogo import deeds, lint, prospects
from gonogo.lint import Source, Subject
from gonogo.model import (
    Chain,
    Checkout,
    Foreseen,
    Judged,
    Judgement,
    Limits,
    Manner,
    Migration,
    Revision,
    Said,
    Trial,
)
from gonogo.protocols import Migrations

Squawk = Callable[[Sequence[str]], tuple[tuple[Said, ...], ...]]


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
        wanted: those to look at, oldest first, as a release knows them.
        squawk: what says what squawk says.
        today: for waivers that expire.
        must_declare: whether a revision that does not say its kind is stopped.
        evidence: what trying them showed; None where nobody did.
    """
    subjects = lint.subjects(chain, today=today, wanted=[revision.id for revision in wanted])
    known = {subject.migration.id: subject for subject in subjects}
    found = {each.revision.id: each for each in _judged(subjects, squawk)}
    chosen = [_tried(replace(found[each.id], revision=each), known[each.id], evidence) for each in wanted]
    return prospects.of(chosen, lint.judge_chain(chain), must_declare=must_declare)


def judge(chain: Chain, squawk: Squawk, *, today: date) -> Judgement:
    """Return a whole history, judged.

    Args:
        chain: with what each revision sends.
        squawk: what says what squawk says.
        today: for waivers that expire.
    """
    return Judgement(
        revisions=tuple(_judged(lint.subjects(chain, today=today), squawk)),
        heads=chain.heads,
        findings=lint.judge_chain(chain),
        notes=chain.notes,
    )


def revisions_of(chain: Chain, ids: Sequence[str]) -> tuple[Revision, ...]:
    """Return some revisions of a history as their files say they are, oldest first."""
    wanted = {*ids}
    return tuple(
        _revision(each, lint.read_source(each.source, each.path)) for each in chain.migrations if each.id in wanted
    )


def _judged(subjects: Sequence[Subject], squawk: Squawk) -> list[Judged]:
    """Return some revisions, judged by their text; squawk is asked once for all."""
    said = squawk([lint.script(subject) for subject in subjects])
    return [
        Judged(
            revision=_revision(subject.migration, subject.source),
            parents=subject.migration.parents,
            sql=_sql(subject.migration),
            manner=subject.migration.manner,
            findings=lint.judge(subject, words),
            deeds=deeds.of(subject),
        )
        for subject, words in zip(subjects, said, strict=True)
    ]


def _tried(judged: Judged, subject: Subject, evidence: Evidence | None) -> Judged:
    """Return a judged revision with what trying it clears and adds, where it was tried."""
    if evidence is None:
        return judged
    found = lint.judge_trial(
        subject,
        judged.findings,
        trial=evidence.trial,
        revision=judged.revision,
        limits=evidence.limits,
        environment=evidence.environment,
    )
    return replace(judged, findings=found)


def _revision(migration: Migration, source: Source) -> Revision:
    """Return a migration as its file says it is; what it does not say is unknown, and not reversible."""
    return Revision(
        id=migration.id,
        title=source.title,
        kind=source.kind or "unknown",
        reversible=source.reversible is True,
        path=migration.path,
    )


def _sql(migration: Migration) -> str:
    """Return what a migration sends; that it was not run is said."""
    why = f": {migration.problem}" if migration.problem else ""
    head = "" if migration.manner is Manner.CAPTURED else f"-- rendered, not run on a scratch database{why}\n"
    return head + "".join(f"{statement.sql.strip().rstrip(';')};\n" for statement in migration.statements)
