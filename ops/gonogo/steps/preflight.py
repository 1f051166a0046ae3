"""Take the lock, look again at what the plan was decided from, and weigh what the checks say."""

import statistics

from gonogo import holding
from gonogo.errors import NoGoError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind

# So many probes say how fast the service usually answers; a slow one is not asked for long.
_PROBES, _MEASURE_S = 20, 2.0


class Preflight:
    """Step 1: nothing has changed when it fails."""

    name = "preflight"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"take the lock of {plan.environment}, weigh {len(plan.findings)} findings"

    def check(self, context: Context) -> bool:
        """Return False: a lock may have been lost since, so it is always taken anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Take the lock, and measure how fast the service answers before anything is changed.

        Raises:
            LockHeldError: somebody else has it.
        """
        holding.hold(context.world, context.plan)
        context.note({"baseline_ms": _median_ms(context)})

    def verify(self, context: Context) -> Proof:
        """Prove that the world is still the one that was planned for.

        Raises:
            NoGoError: another version serves, or the schema moved, since the plan was made.
        """
        plan = context.plan
        commit, revision = context.world.service.ready().commit, context.world.database.revision()
        if plan.previous_commit and commit and commit != plan.previous_commit:
            message = f"{commit[:12]} serves now, {plan.previous_version} when the plan was made"
            raise NoGoError("world-moved", message, hint=f"invoke deploy.plan --env {plan.environment}")
        if revision != plan.start_revision:
            message = f"the schema is at {revision} now, at {plan.start_revision} when the plan was made"
            raise NoGoError("world-moved", message, hint=f"invoke deploy.plan --env {plan.environment}")
        evidence = {"lock": f"held by {context.world.operator}", "serving": plan.previous_version}
        return Proof(evidence=evidence, findings=plan.findings)

    def revert(self, context: Context) -> Proof:
        """Do nothing: the lock is given back when the release ends."""
        del context
        return Proof(evidence={})


def _median_ms(context: Context) -> float | None:
    """Return what half of the probes take at most, for the bake to compare with; None when the service is not ready."""
    clock, service = context.world.clock, context.world.service
    answers = [service.ready()]
    ends = clock.monotonic() + _MEASURE_S
    while answers[-1].ready and len(answers) < _PROBES and clock.monotonic() < ends:
        answers.append(service.ready())
    took = [answer.ms for answer in answers if answer.ready]
    return round(statistics.median(took), 1) if took else None
