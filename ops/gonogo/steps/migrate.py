"""Bring the schema to the target's head, and know the way back."""

from collections.abc import Sequence

from gonogo.errors import LockTimeoutError, NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Plan, Revision
from gonogo.protocols import Context, Proof, StepKind

_RUNBOOK = "ops/RESTORE_RUNBOOK.md, section 'When to restore'"


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
        """Upgrade; a revision that met a lock timeout was not applied and is tried again, nothing else is.

        Raises:
            RefusedError: a migration failed.
            LockTimeoutError: the lock could not be had in any try.
        """
        world, limits = context.world, context.config.target.limits
        checkout = world.checkouts.provide(context.plan.target_commit)
        for attempt in range(1, limits.migrate_attempts + 1):
            context.note({"attempt": attempt})
            try:
                return world.migrations.upgrade(checkout, context.plan.target_revision)
            except LockTimeoutError:
                if attempt == limits.migrate_attempts:
                    raise
                world.clock.sleep(limits.lock_timeout_ms / 1000 * attempt)
        return None

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
        if not ready.ready:
            message = f"the running version is not ready on the new schema: {ready.detail}"
            raise StepFailedError("old-code-broken-by-migration", message)
        applied = ", ".join(each.id for each in plan.pending) or "nothing"
        return Proof(evidence={"schema": revision, "applied": applied, "old code": "ready on it"})

    def revert(self, context: Context) -> Proof:
        """Leave what old code survives, downgrade what says that it can be, else hand over.

        Raises:
            NeedsPersonError: a migration that is applied has no way back.
        """
        revision = context.world.database.revision()
        applied = _applied(context.plan, revision)
        rolled_out = bool(context.notes.get("api-rollout"))
        if not applied and revision != context.plan.start_revision:
            message = f"the schema is at {revision}, which this release neither started from nor leads to"
            raise NeedsPersonError("schema-unknown", message, hint=_RUNBOOK)
        if not applied:
            return Proof(evidence={"schema": f"unchanged at {revision or 'nothing'}"})
        if rolled_out and all(each.kind == "expand" for each in applied):
            return Proof(evidence={"schema": f"stays at {revision}: the old code runs on it"})
        if all(each.reversible for each in applied):
            return _downgraded(context)
        if all(each.kind == "expand" for each in applied):
            return Proof(evidence={"schema": f"stays at {revision}: the old code runs on it"})
        named = ", ".join(each.id for each in applied)
        message = f"{named} is applied and has no way back; the schema is at {revision}"
        raise NeedsPersonError("no-way-back", message, hint=_RUNBOOK)


def _applied(plan: Plan, revision: str | None) -> Sequence[Revision]:
    """Return the pending migrations that the database has now."""
    ids = [each.id for each in plan.pending]
    return plan.pending[: ids.index(revision) + 1] if revision in ids else ()


def _downgraded(context: Context) -> Proof:
    """Go back to the revision that the release started from, and prove it."""
    world, plan = context.world, context.plan
    try:
        world.migrations.downgrade(world.checkouts.provide(plan.target_commit), plan.start_revision)
    except RefusedError as error:
        raise NeedsPersonError("downgrade-failed", error.message, hint=_RUNBOOK) from error
    revision = world.database.revision()
    if revision != plan.start_revision:
        message = f"the database is at {revision}, not at {plan.start_revision}"
        raise NeedsPersonError("downgrade-failed", message, hint=_RUNBOOK)
    return Proof(evidence={"schema": f"back at {revision or 'nothing'}"})
