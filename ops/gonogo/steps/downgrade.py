"""Take the schema back to where an earlier release had it, once its code serves again."""

from gonogo import retreat
from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class Downgrade:
    """In a rollback after the code, so that the newer one never meets a schema that it does not know; or alone."""

    name = "downgrade"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"downgrade the schema from {plan.start_revision} to {plan.target_revision}"

    def check(self, context: Context) -> bool:
        """Return whether the database is there already."""
        return context.world.database.revision() == context.plan.target_revision

    def apply(self, context: Context) -> None:
        """Downgrade, once, with the migrations of the commit that has them; the runner itself waits for locks.

        Raises:
            RefusedError: a downgrade failed; its own transaction was rolled back.
            LockTimeoutError: the lock could not be had in any try.
        """
        world, plan = context.world, context.plan
        world.migrations.downgrade(world.checkouts.provide(plan.schema_commit), plan.target_revision)

    def verify(self, context: Context) -> Proof:
        """Prove the revision in the database, and that the earlier version is ready on it.

        Raises:
            StepFailedError: the revision is another one, or the earlier version is not ready.
        """
        plan, revision, ready = context.plan, context.world.database.revision(), context.world.service.ready()
        if revision != plan.target_revision:
            message = f"the database is at {revision}, not at {plan.target_revision}"
            raise StepFailedError("schema-not-reached", message)
        if not ready.ready and (plan.kind.moves_code or plan.previous_commit):
            own = "the earlier version is not ready on its own schema"
            other = "the running version is not ready on the earlier schema"
            message = f"{own if plan.kind.moves_code else other}: {ready.detail or 'nothing answers'}"
            raise StepFailedError("earlier-code-not-ready", message)
        taken = ", ".join(each.id for each in plan.pending)
        said = "ready on it" if ready.ready else "was not ready before, and is not now"
        return Proof(evidence={"schema": revision, "taken back": taken, "earlier code": said})

    def is_open(self, context: Context) -> bool:
        """Return True: upgrading again is tried in any case, before any code is brought back."""
        del context
        return True

    def revert(self, context: Context) -> Proof:
        """Upgrade again to where the rollback began; what the downgrade took away stays lost.

        Raises:
            NeedsPersonError: it cannot be upgraded again, so the newer code may not be brought back.
        """
        world, plan = context.world, context.plan
        if world.database.revision() == plan.start_revision:
            return Proof(evidence={"schema": f"unchanged at {plan.start_revision}"})
        try:
            world.migrations.upgrade(world.checkouts.provide(plan.schema_commit), plan.start_revision or "head")
        except RefusedError as error:
            raise NeedsPersonError("upgrade-failed", error.message, hint=retreat.RUNBOOK) from error
        revision = world.database.revision()
        if revision != plan.start_revision:
            message = f"the database is at {revision}, not at {plan.start_revision}"
            raise NeedsPersonError("upgrade-failed", message, hint=retreat.RUNBOOK)
        return Proof(evidence={"schema": f"at {revision} again; what was taken away stays lost"})
