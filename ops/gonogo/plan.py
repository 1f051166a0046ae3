"""Decide a release or a rollback: what the checks say, which steps, which way back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gonogo import advice, restoring, retreat, snapshots
from gonogo.errors import NoGoError, NothingToDoError
from gonogo.model import (
    Config,
    Facts,
    Finding,
    Plan,
    PlanKind,
    PlannedStep,
    Revision,
    Severity,
    Trial,
    WayBack,
    version_of,
)
from gonogo.protocols import Check, Step

# Steps of a rollback that are left out where nothing can be lost, and where the schema stays.
_FOR_DATA = {"backup", "restore-check"}
_FOR_SCHEMA = {"downgrade"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Return:
    """What a rollback is decided from beside the facts.

    Attributes:
        goal: the earlier release.
        leaving: the commit that serves, or did as long as anything answered.
        newer: the migrations that the database has and the goal's version does not know, oldest first; None when
            nobody knows them.
        schema_commit: the commit that has them.
        unread_jobs: open jobs whose form the goal's version does not know; None when there is nothing to tell it by.
        unsaid: what could not be found out and may decide, a sentence each.
        runs: whether the goal's version was seen to run on the schema that there is; None when nobody tried.
        lost: what the newer migrations took away, as trials measured it, a sentence each.
    """

    goal: retreat.Goal
    leaving: str
    newer: tuple[Revision, ...] | None
    schema_commit: str = ""
    unread_jobs: int | None = None
    unsaid: tuple[str, ...] = ()
    runs: bool | None = None
    lost: tuple[str, ...] = ()


def build(
    config: Config, facts: Facts, *, checks: Sequence[Check], steps: Sequence[Step], trial: Trial | None = None
) -> Plan:
    """Return the plan; its findings say whether it may be run.

    Args:
        config: where.
        facts: what was seen.
        checks: what judges it.
        steps: what is done.
        trial: what came of the same migrations on a copy, for the version that serves; None where nobody tried.

    Raises:
        NothingToDoError: API and workers serve the target already and no migration is pending.
    """
    pending = _pending(facts)
    if not pending and facts.ready.ready:
        _refuse_idle(config, facts, "with the schema at its head")
    release_id = _release_id(facts)
    seen = advice.runs(trial, pending, elder=facts.previous_commit or "")
    forecast = retreat.forecast(
        retreat.Gap(migrations=pending, gone=facts.gone, runs=seen, lost=advice.lost(trial, pending)),
        instead=retreat.instead(config.target.name, release_id),
    )
    plan = Plan(
        release_id=release_id,
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
        way_back=retreat.way_back(pending, runs=seen),
        before=snapshots.of(facts),
        forecast=forecast,
    )
    return _with_steps(plan, steps)


def rollback(config: Config, facts: Facts, back: Return, *, checks: Sequence[Check], steps: Sequence[Step]) -> Plan:
    """Return the plan of a rollback; its forecast says whether it may be run, and its findings what it cannot restore.

    Raises:
        NothingToDoError: API and workers serve it already.
        NoGoError: its version needs a newer schema than there is.
    """
    _refuse_idle(config, facts, "which is what to go back to")
    _refuse_forward(config, facts, back)
    now = snapshots.of(facts)
    differences = restoring.between(back.goal.snapshot, now)
    gap = retreat.Gap(
        migrations=back.newer,
        runs=back.runs,
        lost=back.lost,
        lost_variables=differences.lost_variables,
        unread_jobs=back.unread_jobs,
        unsaid=(*back.unsaid, *differences.unsaid),
    )
    moved = back.newer is not None and retreat.rule(back.newer, runs=back.runs).schema is retreat.Schema.DOWNGRADED
    plan = Plan(
        release_id=_release_id(facts),
        environment=config.target.name,
        created_at=facts.at,
        previous_commit=back.leaving,
        target_commit=back.goal.commit,
        subject=back.goal.subject,
        start_revision=facts.database.revision,
        target_revision=(facts.history.heads[0] if moved else facts.database.revision) or "",
        pending=back.newer or (),
        steps=(),
        findings=(*(each for check in checks for each in check(config, facts)), *differences.findings),
        way_back=_way_forward(facts, back, is_moved=moved),
        kind=PlanKind.ROLLBACK,
        before=now,
        forecast=retreat.forecast(gap, instead=_instead(config, back)),
        goal=back.goal.snapshot,
        schema_commit=back.schema_commit if moved else "",
    )
    return _with_steps(plan, [step for step in steps if step.name not in _left_out(plan)])


def accepted(plan: Plan, *, who: str, reason: str) -> Plan:
    """Return a rollback's plan with what was accepted for it; a plan is journalled, and so is this."""
    forecast = plan.forecast
    if forecast is None or forecast.verdict is WayBack.SAFE:
        return plan
    what = "the loss" if forecast.verdict is WayBack.SAFE_WITH_LOSS else "that it is not known to be safe"
    message = f"{who} accepted {what}{f': {reason}' if reason else ''}"
    found = Finding(rule=f"rollback-{forecast.verdict.value}", severity=Severity.ADVISE, message=message)
    return replace(plan, findings=(*plan.findings, found))


def blockers(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings that stop the release."""
    return tuple(finding for finding in plan.findings if finding.severity is Severity.BLOCK)


def _release_id(facts: Facts) -> str:
    """Return a sortable id: the time to the millisecond, and the commit's first seven digits."""
    return f"{facts.at:%Y%m%dT%H%M%S}{facts.at.microsecond // 1000:03d}-{facts.target_commit[:7]}"


def _instead(config: Config, back: Return) -> str:
    """Return what to do instead of a rollback; the backup is the one from before the first migration in between."""
    first = next((back.goal.dumps[each.id] for each in back.newer or () if each.id in back.goal.dumps), "")
    return retreat.instead(config.target.name, first)


def _way_forward(facts: Facts, back: Return, *, is_moved: bool) -> str:
    """Return how a rollback that fails is undone, in words."""
    again = f"deploy {version_of(back.leaving)} again"
    if not is_moved:
        return f"if it fails: {again}"
    return f"if it fails: upgrade the schema to {facts.database.revision} again, then {again}; what was lost stays lost"


def _left_out(plan: Plan) -> set[str]:
    """Return the steps that a rollback has no use for."""
    is_safe = plan.forecast is not None and plan.forecast.verdict is WayBack.SAFE
    return (_FOR_DATA if is_safe else set()) | (set() if plan.schema_commit else _FOR_SCHEMA)


def _pending(facts: Facts) -> tuple[Revision, ...]:
    """Return the migrations to apply; none when the database's revision is unknown, which a check blocks."""
    revision = facts.database.revision
    known = revision is None or revision in facts.history.order
    return facts.history.after(revision) if known else ()


def _refuse_idle(config: Config, facts: Facts, detail: str) -> None:
    """Raise when API and workers run what they should run already."""
    limit = config.target.limits.worker_beat_s
    beating = {beat.commit for beat in facts.workers if beat.state == "running" and beat.age_s <= limit}
    if {facts.ready.commit, *beating} != {facts.target_commit} or not beating:
        return
    message = f"{config.target.name} already serves {version_of(facts.target_commit)}, API and worker, {detail}"
    raise NothingToDoError("nothing-to-do", message, hint=f"invoke health.check --env {config.target.name}")


def _refuse_forward(config: Config, facts: Facts, back: Return) -> None:
    """Raise when the database stands before the goal's head: its version would wait for migrations."""
    revision, history = facts.database.revision, facts.history
    if revision in history.heads or revision not in {None, *history.order} or not history.order:
        return
    message = (
        f"{version_of(back.goal.commit)} needs a newer schema than {revision or 'none'}, where the database stands"
    )
    hint = (
        f"release it: git checkout {version_of(back.goal.commit)}, then: invoke deploy.plan --env {config.target.name}"
    )
    raise NoGoError("rollback-needs-migrations", message, why="a rollback runs no migration forward", hint=hint)


def _with_steps(plan: Plan, steps: Sequence[Step]) -> Plan:
    """Return the plan with each step's intent."""
    return replace(plan, steps=tuple(PlannedStep(name=step.name, intent=step.intent(plan)) for step in steps))
