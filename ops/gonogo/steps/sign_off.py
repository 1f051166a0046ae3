"""Write the release into the log that people read."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan, PlanKind, version_of
from gonogo.protocols import Context, Proof, StepKind

_WORDS = {PlanKind.RELEASE: "RELEASED", PlanKind.ROLLBACK: "WENT BACK"}


class SignOff:
    """Step 10: who, when, what, and where the evidence is."""

    name = "sign-off"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"record the {plan.kind.value} to {plan.target_version} on {plan.environment}"

    def check(self, context: Context) -> bool:
        """Return whether the line is there already."""
        return context.world.log.contains(context.plan.release_id)

    def apply(self, context: Context) -> None:
        """Append the line, once more sure of what serves.

        Raises:
            StepFailedError: another version serves by now.
        """
        plan, world = context.plan, context.world
        serving = world.service.ready().commit
        if serving != plan.target_commit:
            message = f"{version_of(serving)} serves at the end, not {plan.target_version}"
            hint = f"invoke health.check --env {plan.environment}"
            raise StepFailedError("moved-before-sign-off", message, hint=hint)
        versions = f"{plan.previous_version} -> {plan.target_version}"
        world.log.append(
            f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ} {_WORDS[plan.kind]} {plan.environment} {versions} "
            f"by {world.operator}, release {plan.release_id}, schema {plan.target_revision}"
        )

    def verify(self, context: Context) -> Proof:
        """Prove that the line is there.

        Raises:
            StepFailedError: it is not.
        """
        if not context.world.log.contains(context.plan.release_id):
            hint = "the release itself is proven; add the line by hand"
            raise StepFailedError("log-not-written", "the evidence log does not hold the release", hint=hint)
        return Proof(evidence={"operator": context.world.operator, "log": "line appended"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the log is append-only."""
        del context
        return Proof(evidence={})
