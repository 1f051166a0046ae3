"""Hold an environment while something is released to it, with who, when and why."""

from gonogo.errors import LockHeldError
from gonogo.model import Holder, Plan
from gonogo.protocols import World


def hold(world: World, plan: Plan) -> None:
    """Take the lock of a plan's environment.

    Raises:
        LockHeldError: somebody else has it.
    """
    ours = Holder(
        who=world.operator,
        host=world.host,
        pid=world.pid,
        since=world.clock.now(),
        why=f"release {plan.target_version}",
        release_id=plan.release_id,
    )
    other = world.ledger.acquire(plan.environment, ours)
    if other is None:
        return
    message = f"{other.who} holds the lock of {plan.environment} since {other.since:%H:%M:%S} UTC: {other.why}"
    hint = f"wait for it, or look: invoke deploy.status --env {plan.environment}"
    raise LockHeldError("lock-held", message, hint=hint)
