"""Write a rotation down, for the log that people read and for whoever asks how old a secret is; then forget it."""

from gonogo import handing
from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class RotationRecord:
    """The last step: which secret, when, by whom; never the secret."""

    name = "rotation-record"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"record the rotation of {handing.rotation_of(plan).name}, and forget both values on this machine"

    def check(self, context: Context) -> bool:
        """Return whether it is recorded and forgotten."""
        is_recorded = "rotated" in context.notes.get(self.name, {})
        is_kept = context.world.safe.pair(context.plan.release_id) is not None
        return is_recorded and not is_kept and context.world.log.contains(context.plan.release_id)

    def apply(self, context: Context) -> None:
        """Note it, append the line, forget both values."""
        plan, world = context.plan, context.world
        name = handing.rotation_of(plan).name
        if "rotated" not in context.notes.get(self.name, {}):
            shown = handing.fingerprint(context, handing.pair_of(context).coming)
            context.note({"rotated": name, "fingerprint": shown})
        if not world.log.contains(plan.release_id):
            at = f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}"
            world.log.append(f"{at} ROTATED {plan.environment} {name} by {world.operator}, release {plan.release_id}")
        world.safe.forget(plan.release_id)

    def verify(self, context: Context) -> Proof:
        """Prove that the line is there and nothing is kept.

        Raises:
            StepFailedError: it is not so.
        """
        if not context.world.log.contains(context.plan.release_id):
            hint = "the rotation itself is proven; add the line by hand"
            raise StepFailedError("log-not-written", "the evidence log does not hold the rotation", hint=hint)
        return Proof(evidence={"operator": context.world.operator, "log": "line appended", "kept here": "nothing"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the log is append-only."""
        del context
        return Proof(evidence={})
