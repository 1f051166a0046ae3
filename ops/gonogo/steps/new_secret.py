"""Make the new secret, kept before anybody else knows it, and have it taken beside the old one."""

from dataclasses import replace

from gonogo import credentials, handing, rollout
from gonogo.errors import AwaitsPersonError, NeedsPersonError, StepFailedError
from gonogo.model import Pair, Plan
from gonogo.protocols import Context, Proof, StepKind


class NewSecret:
    """The second step: from here on two values are taken; of a secret without overlap only the new one."""

    name = "new-secret"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        kind = credentials.kind_of(handing.rotation_of(plan))
        if handing.rotation_of(plan).by_hand or kind.by_hand:
            return f"wait for a person: {kind.console}"
        return f"make a new value of {kind.what}, keep it on this machine, have it taken beside the old one"

    def check(self, context: Context) -> bool:
        """Return whether it is made and taken already."""
        pair = context.world.safe.pair(context.plan.release_id)
        return bool(pair and pair.new and self._is_taken(context, pair))

    def apply(self, context: Context) -> None:
        """Keep old and new, then let the new one in.

        Raises:
            AwaitsPersonError: a person makes it, and has not given it yet.
        """
        world, tag = context.world, context.plan.release_id
        pair = world.safe.pair(tag) or handing.begun(context)
        if handing.is_by_hand(context):
            if pair.new is None:
                raise _asking(context)
            return
        made = world.issuers.admit(handing.kind_of(context).name, pair, tag)
        if made != pair.new:
            world.safe.keep(tag, replace(pair, new=made))

    def verify(self, context: Context) -> Proof:
        """Prove that the new one is taken, and the old one still is where the two overlap.

        Raises:
            StepFailedError: one of them is refused.
        """
        kind, pair = handing.kind_of(context), handing.pair_of(context)
        limits = context.config.target.limits
        world = context.world
        if not rollout.until(world.clock, limits.prove_timeout_s, limits.poll_s, lambda: self._is_taken(context, pair)):
            hint = f"invoke deploy.abort --env {context.plan.environment}"
            raise StepFailedError("new-secret-refused", f"the new {kind.name} is refused", hint=hint)
        evidence = {"new": f"{handing.fingerprint(context, pair.coming)}, {_taken(kind)}"}
        if not kind.overlaps:
            return Proof(evidence=evidence | {"old": "ended when the new one was made"})
        if not self._is_old_taken(context, pair):
            message = f"the old {kind.name} is refused already, and the service still uses it"
            hint = f"go on at once: invoke deploy.resume --env {context.plan.environment}"
            raise StepFailedError("old-secret-refused", message, hint=hint)
        return Proof(evidence=evidence | {"old": "taken as before"})

    def revert(self, context: Context) -> Proof:
        """Let the new one be taken no more, and forget it.

        Raises:
            NeedsPersonError: it is still taken.
        """
        kind, world, tag = handing.kind_of(context), context.world, context.plan.release_id
        pair = world.safe.pair(tag)
        if pair is None:
            return Proof(evidence={"new": "none was made"})
        if handing.is_by_hand(context):
            world.safe.forget(tag)
            return Proof(evidence={"new": "whoever made it deletes it at the provider's"})
        world.issuers.withdraw(kind.name, pair, tag)
        if pair.new and not kind.by_list and world.issuers.accepts(kind.name, pair.new):
            hint = f"invoke deploy.resume --env {context.plan.environment}"
            raise NeedsPersonError("new-secret-not-withdrawn", f"the new {kind.name} is still taken", hint=hint)
        world.safe.forget(tag)
        return Proof(evidence={"new": "taken no more, and forgotten"})

    def is_past(self, context: Context) -> bool:
        """Return whether the old one has ended by the new one's being made."""
        pair = context.world.safe.pair(context.plan.release_id)
        return not handing.kind_of(context).overlaps and pair is not None and pair.new is not None

    @staticmethod
    def _is_taken(context: Context, pair: Pair) -> bool:
        """Return whether the new one is taken; what the service itself takes from a list is proven once it is told."""
        return handing.kind_of(context).by_list or handing.is_taken(context, pair.coming)

    @staticmethod
    def _is_old_taken(context: Context, pair: Pair) -> bool:
        """Return whether the old one is taken."""
        return all(handing.is_taken(context, each) for each in credentials.parts(handing.kind_of(context), pair.old))


def _taken(kind: credentials.Kind) -> str:
    """Return how far a new value is by now."""
    return "taken once the service is told" if kind.by_list else "taken"


def _asking(context: Context) -> AwaitsPersonError:
    """Return what a person must do, and the command that goes on."""
    kind = handing.kind_of(context)
    env = context.plan.environment
    message = f"a person makes the new {kind.name}: {kind.console}"
    why = "it is asked for and not shown where there is a terminal, else read from standard input; never an argument"
    hint = f"invoke secrets.rotate {kind.name} --env {env} --value-from -"
    return AwaitsPersonError("secret-awaits-person", message, why=why, hint=hint)
