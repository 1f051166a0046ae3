"""Bring the schema to the target's head, and know the way back."""

from collections.abc import Sequence

from gonogo import advice, codec, retreat, trying
from gonogo.errors import GonogoError, NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Plan, Revision
from gonogo.protocols import Context, Proof, StepKind


class Migrate:
    """Step 5: the schema moves while the old code serves."""

    name = "migrate"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"upgrade the schema to {plan.target_revision}" if plan.pending else "nothing to apply"

    def check(self, context: Context) -> bool:
        """Return whether the database is at the target already."""
        return context.world.database.revision() == context.plan.target_revision

    def apply(self, context: Context) -> None:
        """Upgrade, once: whoever runs the migration tries again what met a lock (ADR 0019), and nobody else does.

        Raises:
            RefusedError: a migration failed.
            LockTimeoutError: the lock could not be had in any try.
        """
        world, plan = context.world, context.plan
        world.migrations.upgrade(world.checkouts.provide(plan.target_commit), plan.target_revision)

    def verify(self, context: Context) -> Proof:
        """Prove the revision in the database, and that the old code is still ready on it.

        Raises:
            StepFailedError: the revision is another one, or the running version is not ready any more.
        """
        plan = context.plan
        revision, ready = context.world.database.revision(), context.world.service.ready()
        if revision != plan.target_revision:
            message = f"the database is at {revision}, not at {plan.target_revision}"
            raise StepFailedError("schema-not-reached", message)
        if not ready.ready and (plan.kind.moves_code or plan.previous_commit):
            message = f"the running version is not ready on the new schema: {ready.detail}"
            raise StepFailedError("old-code-broken-by-migration", message)
        applied = ", ".join(each.id for each in plan.pending) or "nothing"
        said = "ready on it" if ready.ready else "was not ready before, and is not now"
        evidence = {"schema": revision, "applied": applied, "old code": said, **_compared(context)}
        return Proof(evidence=evidence)

    def is_open(self, context: Context) -> bool:
        """Return whether the previous version may be brought back: not onto a schema that it cannot run on for good."""
        plan = context.plan
        try:
            revision = context.world.database.revision()
        except GonogoError:  # what may be applied decides, where nobody can say what is
            return retreat.rule(plan.pending, runs=_runs(context, plan.pending)).schema is not retreat.Schema.STUCK
        applied = retreat.applied(plan.pending, plan.start_revision, revision)
        if applied is None:
            return False
        return retreat.rule(applied, runs=_runs(context, applied)).schema is not retreat.Schema.STUCK

    def revert(self, context: Context) -> Proof:
        """Leave what old code survives, downgrade what says that it can be, else hand over.

        Raises:
            NeedsPersonError: a migration that is applied has no way back.
        """
        plan, revision = context.plan, context.world.database.revision()
        applied = retreat.applied(plan.pending, plan.start_revision, revision)
        if applied is None:
            message = f"the schema is at {revision}, which this release neither started from nor leads to"
            raise NeedsPersonError("schema-unknown", message, hint=retreat.RUNBOOK)
        seen = _runs(context, applied)
        match retreat.schema_after(applied, is_used=bool(context.notes.get("api-rollout")), runs=seen):
            case retreat.Schema.UNCHANGED:
                return Proof(evidence={"schema": f"unchanged at {revision or 'nothing'}"})
            case retreat.Schema.KEPT:
                return Proof(evidence={"schema": f"stays at {revision}: the old code runs on it"})
            case retreat.Schema.DOWNGRADED:
                return _downgraded(context)
            case retreat.Schema.STUCK:
                raise _no_way_back(plan, retreat.deciding(applied, retreat.rule(applied, runs=seen)), revision)


def _runs(context: Context, applied: Sequence[Revision]) -> bool | None:
    """Return whether the version before was seen to run on what is applied; None when the gate tried nothing."""
    trial = codec.noted_trial(context.notes.get("migration-gate", {}))
    return advice.runs(trial, applied, elder=context.plan.previous_commit)


def _compared(context: Context) -> dict[str, str]:
    """Return how long each revision took beside what its trial said, and keep it; no release fails for want of it."""
    plan = context.plan
    if not plan.pending:
        return {}
    try:
        runs = context.world.catalog.standing().runs
    except GonogoError:
        runs = ()
    trial = codec.noted_trial(context.notes.get("migration-gate", {}))
    compared = trying.compared(trial, [each.id for each in plan.pending], runs)
    context.note({"compared": trying.compared_to_json(compared)})
    return {f"time of {each.revision}": trying.beside(each) for each in compared}


def _no_way_back(plan: Plan, named: str, revision: str | None) -> NeedsPersonError:
    """Return what to say where old code does not run on a schema that cannot go back."""
    message = (
        f"{named} is applied and has no way back; the schema is at {revision}, "
        f"so {plan.previous_version} is not brought back onto it"
    )
    hint = (plan.forecast.instead if plan.forecast else "") or retreat.RUNBOOK
    return NeedsPersonError("no-way-back", message, why="it does not run on that schema", hint=hint)


def _downgraded(context: Context) -> Proof:
    """Go back to the revision that the release started from, and prove it."""
    world, plan = context.world, context.plan
    try:
        world.migrations.downgrade(world.checkouts.provide(plan.target_commit), plan.start_revision)
    except RefusedError as error:
        raise NeedsPersonError("downgrade-failed", error.message, hint=retreat.RUNBOOK) from error
    revision = world.database.revision()
    if revision != plan.start_revision:
        message = f"the database is at {revision}, not at {plan.start_revision}"
        raise NeedsPersonError("downgrade-failed", message, hint=retreat.RUNBOOK)
    return Proof(evidence={"schema": f"back at {revision or 'nothing'}"})
