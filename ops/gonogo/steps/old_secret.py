"""Let the old secret be taken no more, which nothing undoes; and prove that it is refused."""

from gonogo import credentials, handing, rollout
from gonogo.errors import AwaitsPersonError, StepFailedError
from gonogo.model import Pair, Plan
from gonogo.protocols import Context, Proof, StepKind

# A refusal must be seen this soon after the old value was retired.
_REFUSED_S = 60.0


class OldSecretRevoked:
    """From here on there is no way back: the old value ends."""

    name = "old-secret-revoked"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        rotation = handing.rotation_of(plan)
        kind = credentials.kind_of(rotation)
        if rotation.by_hand:
            return f"wait for a person: {kind.console_end}" if kind.console_end else "see that the old value has ended"
        return "take the old value away, end the sessions that it opened; from here on there is no way back"

    def check(self, context: Context) -> bool:
        """Return whether a person has ended it; what we end is ended once more, as a refusal may not have been kept."""
        pair = handing.pair_of(context)
        return handing.is_by_hand(context) and not _is_taken(context, pair) and not _users(context, pair)

    def apply(self, context: Context) -> None:
        """Take it away.

        Raises:
            AwaitsPersonError: a person does it, and has not yet.
        """
        kind, pair = handing.kind_of(context), handing.pair_of(context)
        if handing.is_by_hand(context):
            raise _asking(context)
        context.world.issuers.retire(kind.name, pair)

    def verify(self, context: Context) -> Proof:
        """Prove that nobody is in with it any more.

        Raises:
            StepFailedError: somebody is.
        """
        pair, limits = handing.pair_of(context), context.config.target.limits
        is_empty = rollout.until(
            context.world.clock, limits.prove_timeout_s, limits.poll_s, lambda: not _users(context, pair)
        )
        if not is_empty:
            kind = handing.kind_of(context)
            message = f"{_users(context, pair)} sessions are still open that the old {kind.name} opened"
            hint = f"end them, then: invoke deploy.resume --env {context.plan.environment}"
            raise StepFailedError("old-secret-in-use", message, hint=hint)
        return Proof(evidence={"sessions with the old value": "none"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: there is no way back."""
        del context
        return Proof(evidence={})

    def is_past(self, context: Context) -> bool:
        """Return True: once it has begun, the old value may have ended."""
        del context
        return True


class OldSecretRefused:
    """A revocation is believed when the old value is shown and refused."""

    name = "old-secret-refused"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        del plan
        return f"show the old value, and see it refused within {_REFUSED_S:.0f} s; show the new one, and see it taken"

    def check(self, context: Context) -> bool:
        """Return False: it is proven each time."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Change nothing."""

    def verify(self, context: Context) -> Proof:
        """Prove that the old value is refused and the new one taken.

        Raises:
            StepFailedError: it is not so.
        """
        kind, pair, clock = handing.kind_of(context), handing.pair_of(context), context.world.clock
        began = clock.monotonic()
        poll_s = context.config.target.limits.poll_s
        hint = f"invoke deploy.resume --env {context.plan.environment}"
        if not rollout.until(clock, _REFUSED_S, poll_s, lambda: not _is_taken(context, pair)):
            message = f"the old {kind.name} is still taken {_REFUSED_S:.0f} s after it was retired"
            raise StepFailedError("old-secret-taken", message, hint=hint)
        if not handing.is_taken(context, pair.coming):
            raise StepFailedError("new-secret-refused", f"the new {kind.name} is refused", hint=hint)
        took = f"refused, seen after {clock.monotonic() - began:.1f} s"
        return Proof(evidence={"old": took, "new": "taken"})

    def revert(self, context: Context) -> Proof:
        """Do nothing: it only looks."""
        del context
        return Proof(evidence={})


def _is_taken(context: Context, pair: Pair) -> bool:
    """Return whether any of the old values is taken, but one that goes on as the new one."""
    parts = credentials.parts(handing.kind_of(context), pair.old)
    return any(handing.is_taken(context, each) for each in parts if each.reveal() != pair.coming.reveal())


def _users(context: Context, pair: Pair) -> int:
    """Return how many sessions the old value has opened and are still there."""
    return context.world.issuers.users(handing.kind_of(context).name, pair.old)


def _asking(context: Context) -> AwaitsPersonError:
    """Return what a person must do, and the command that goes on."""
    kind = handing.kind_of(context)
    message = f"the new {kind.name} is in use everywhere, and the old one is still taken: {kind.console_end}"
    hint = f"invoke secrets.rotate {kind.name} --env {context.plan.environment}"
    return AwaitsPersonError("secret-awaits-person", message, why="nothing else can end the old one", hint=hint)
