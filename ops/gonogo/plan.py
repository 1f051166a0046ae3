"""Decide a release: what the checks say, which steps, which way back. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from operator import and_

from gonogo import snapshots
from gonogo.errors import NothingToDoError
from gonogo.model import Config, Facts, Finding, Plan, PlannedStep, Revision, Severity, version_of
from gonogo.protocols import Check, Step


def build(config: Config, facts: Facts, *, checks: Sequence[Check], steps: Sequence[Step]) -> Plan:
    """Return the plan; its findings say whether it may be run.

    Raises:
        NothingToDoError: API and workers serve the target already and no migration is pending.
    """
    pending = _pending(facts)
    _refuse_idle(config, facts, pending)
    plan = Plan(
        release_id=_release_id(facts),
        environment=config.target.name,
        created_at=facts.at,
        previous_commit=facts.previous_commit or "",
        target_commit=facts.target_commit,
        subject=facts.git.subject,
        start_revision=facts.database.revision,
        target_revision=facts.history.heads[0] if facts.history.heads else "",
        pending=pending,
        steps=(),
        findings=tuple(finding for check in checks for finding in check(config, facts)),
        way_back=way_back(pending),
        before=snapshots.of(facts),
    )
    return _with_steps(plan, steps)


def blockers(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings that stop the release."""
    return tuple(finding for finding in plan.findings if finding.severity is Severity.BLOCK)


def way_back(pending: Sequence[Revision]) -> str:
    """Return how a release with these migrations is undone, in words: the rule of ops/RESTORE_RUNBOOK.md."""
    if not pending:
        return "roll back: deploy the previous version; the schema does not change"
    if all(revision.kind == "expand" for revision in pending):
        return "roll back: deploy the previous version; the new schema stays, the old code runs on it"
    if all(revision.reversible for revision in pending):
        return "roll back: deploy the previous version, then downgrade the schema"
    last = _point_of_no_return(pending)
    return f"no way back once {last.id} is applied: roll forward, or restore the backup of this release"


def _point_of_no_return(pending: Sequence[Revision]) -> Revision:
    """Return the first migration that, with those before it, is neither survived by old code nor reversible."""
    are_expand = accumulate((revision.kind == "expand" for revision in pending), and_)
    are_reversible = accumulate((revision.reversible for revision in pending), and_)
    ways = zip(pending, are_expand, are_reversible, strict=True)
    return next(revision for revision, is_expand, is_reversible in ways if not is_expand and not is_reversible)


def _release_id(facts: Facts) -> str:
    """Return a sortable id: the time to the millisecond, and the commit's first seven digits."""
    return f"{facts.at:%Y%m%dT%H%M%S}{facts.at.microsecond // 1000:03d}-{facts.target_commit[:7]}"


def _pending(facts: Facts) -> tuple[Revision, ...]:
    """Return the migrations to apply; none when the database's revision is unknown, which a check blocks."""
    revision = facts.database.revision
    known = revision is None or revision in facts.history.order
    return facts.history.after(revision) if known else ()


def _refuse_idle(config: Config, facts: Facts, pending: Sequence[Revision]) -> None:
    """Raise when everything is as the release would make it."""
    limit = config.target.limits.worker_beat_s
    beating = {beat.commit for beat in facts.workers if beat.state == "running" and beat.age_s <= limit}
    if pending or not facts.ready.ready or {facts.ready.commit, *beating} != {facts.target_commit} or not beating:
        return
    version = version_of(facts.target_commit)
    message = f"{config.target.name} already serves {version}, API and worker, with the schema at its head"
    raise NothingToDoError("nothing-to-do", message, hint=f"invoke health.check --env {config.target.name}")


def _with_steps(plan: Plan, steps: Sequence[Step]) -> Plan:
    """Return the plan with each step's intent."""
    return replace(plan, steps=tuple(PlannedStep(name=step.name, intent=step.intent(plan)) for step in steps))
