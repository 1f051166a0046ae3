"""Run the release's own smoke suite against the environment."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class SmokeTest:
    """Step 8: the core user journey on the released version."""

    name = "smoke"
    kind = StepKind.PROOF

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"run the smoke suite of {plan.target_version} against {plan.environment}"

    def check(self, context: Context) -> bool:
        """Return False: a proof is made anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Run the suite."""
        world = context.world
        suite = world.smoke.run(world.checkouts.provide(context.plan.target_commit))
        context.note({"exit_code": suite.exit_code, "passed": suite.passed, "failed": list(suite.failed)})

    def verify(self, context: Context) -> Proof:
        """Prove that tests ran and all of them passed.

        Raises:
            StepFailedError: one failed, or none ran.
        """
        said = context.notes[self.name]
        if said["exit_code"] == 0 and said["passed"] > 0 and not said["failed"]:
            return Proof(evidence={"passed": str(said["passed"]), "failed": "0"})
        first, *others = said["failed"] or [f"no test passed (exit {said['exit_code']})"]
        named = f"{first}; and {len(others)} more" if others else first
        again = f"RUN_STAGING_SMOKE=1 uv run nox -s staging_smoke -- --env {context.plan.environment}"
        hint = "" if context.config.target.stack else again
        raise StepFailedError("smoke-failed", f"the smoke suite failed: {named}", hint=hint)

    def revert(self, context: Context) -> Proof:
        """Do nothing: what the suite wrote belongs to its own user."""
        del context
        return Proof(evidence={})
