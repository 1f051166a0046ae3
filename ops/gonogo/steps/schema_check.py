"""Prove that a move of the schema alone left nothing half done."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class SchemaCheck:
    """After the schema moved: one version row, the right one, and no index that a failed build left."""

    name = "schema-check"
    kind = StepKind.PROOF

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"prove that the schema is at {plan.target_revision}, and nothing of it half built"

    def check(self, context: Context) -> bool:
        """Return False: a proof is made anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Do nothing: the step only looks."""

    def verify(self, context: Context) -> Proof:
        """Read the version rows and the indexes.

        Raises:
            StepFailedError: the version is another one, or an index is INVALID.
        """
        plan, standing = context.plan, context.world.catalog.standing()
        if standing.versions != (plan.target_revision,):
            found = ", ".join(standing.versions) or "nothing"
            message = f"the version row says {found}, not {plan.target_revision}"
            raise StepFailedError("schema-not-reached", message)
        if standing.invalid_indexes:
            named = ", ".join(index for index, _ in standing.invalid_indexes)
            hint = f"invoke migrate.status --env {plan.environment}"
            message = f"an index was left INVALID: {named}"
            raise StepFailedError("index-left-invalid", message, why="no query uses it", hint=hint)
        return Proof(evidence={"version": plan.target_revision, "indexes": "all valid"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the step only looks."""
        del context
        return Proof(evidence={})
