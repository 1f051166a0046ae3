"""Write a restore into the log that people read."""

from gonogo import restored
from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class RestoreRecord:
    """The last step: who, when, what, and where the database from before is."""

    name = "restore-record"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"record it in the log of {plan.environment}"

    def check(self, context: Context) -> bool:
        """Return whether the line is there already."""
        return context.world.log.contains(context.plan.release_id)

    def apply(self, context: Context) -> None:
        """Append the line."""
        plan, world, wish = context.plan, context.world, restored.wish(context.plan)
        did = f"{wish.backup} restored into {wish.into}" if wish.backup else f"{wish.into} put in place"
        now = f", served as {wish.served}, the one before kept as {wish.former}" if wish.former else ""
        world.log.append(
            f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ} RESTORED {plan.environment} {did}{now}, by {world.operator}, "
            f"release {plan.release_id}"
        )

    def verify(self, context: Context) -> Proof:
        """Prove that the line is there.

        Raises:
            StepFailedError: it is not.
        """
        if not context.world.log.contains(context.plan.release_id):
            hint = "the restore itself is proven; add the line by hand"
            raise StepFailedError("log-not-written", "the evidence log does not hold the restore", hint=hint)
        return Proof(evidence={"operator": context.world.operator, "log": "line appended"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the log is append-only."""
        del context
        return Proof(evidence={})
