"""Write a move of the schema alone into the log that people read."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan, PlanKind
from gonogo.protocols import Context, Proof, StepKind

_WORDS = {PlanKind.MIGRATION: "MIGRATED", PlanKind.DOWNGRADE: "DOWNGRADED"}


class SchemaRecord:
    """The last step: who, when, from where to where."""

    name = "schema-record"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"record the {plan.kind.value} to {plan.target_revision} on {plan.environment}"

    def check(self, context: Context) -> bool:
        """Return whether the line is there already."""
        return context.world.log.contains(context.plan.release_id)

    def apply(self, context: Context) -> None:
        """Append the line."""
        plan, world = context.plan, context.world
        world.log.append(
            f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ} {_WORDS[plan.kind]} {plan.environment} "
            f"schema {plan.start_revision or 'nothing'} -> {plan.target_revision} by {world.operator}, "
            f"release {plan.release_id}"
        )

    def verify(self, context: Context) -> Proof:
        """Prove that the line is there.

        Raises:
            StepFailedError: it is not.
        """
        if not context.world.log.contains(context.plan.release_id):
            hint = "the move itself is proven; add the line by hand"
            raise StepFailedError("log-not-written", "the evidence log does not hold the move", hint=hint)
        return Proof(evidence={"operator": context.world.operator, "log": "line appended"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the log is append-only."""
        del context
        return Proof(evidence={})
