"""Show the SQL of each pending migration, and lint it."""

from gonogo import foresight
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class MigrationGate:
    """Step 4: SQL that would hurt is stopped before it runs."""

    name = "migration-gate"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"render and lint {len(plan.pending)} pending migration{'s' if len(plan.pending) != 1 else ''}"

    def check(self, context: Context) -> bool:
        """Return False: a proof is made anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Do nothing: the gate only looks."""

    def verify(self, context: Context) -> Proof:
        """Return the SQL, and what squawk and the migration itself say about it."""
        plan, world = context.plan, context.world
        if not plan.pending:
            return Proof(evidence={"pending": "none", "way back": plan.way_back})
        checkout = world.checkouts.provide(plan.target_commit)
        foreseen = foresight.foresee(world.migrations, checkout, plan.pending, today=world.clock.now().date())
        evidence = {"pending": str(len(plan.pending)), "way back": plan.way_back}
        evidence |= {f"SQL of {each.revision.id}": each.sql for each in foreseen}
        return Proof(evidence=evidence, findings=[finding for each in foreseen for finding in each.findings])

    def revert(self, context: Context) -> Proof:
        """Do nothing: the gate only looks."""
        del context
        return Proof(evidence={})
