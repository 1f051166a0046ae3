"""Take the lock, where nothing of what is served may be asked first: it may be what is broken."""

from gonogo import holding
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class TakeLock:
    """Of a restore: one at a time, and no release beside it."""

    name = "lock"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"take the lock of {plan.environment}, weigh {len(plan.findings)} findings"

    def check(self, context: Context) -> bool:
        """Return False: a lock may have been lost since, so it is always taken anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Take the lock.

        Raises:
            LockHeldError: somebody else has it.
        """
        holding.hold(context.world, context.plan)

    def verify(self, context: Context) -> Proof:
        """Hand on what the plan has found."""
        return Proof(evidence={"lock": f"held by {context.world.operator}"}, findings=context.plan.findings)

    def revert(self, context: Context) -> Proof:
        """Do nothing: the lock is given back at the end."""
        del context
        return Proof(evidence={})
