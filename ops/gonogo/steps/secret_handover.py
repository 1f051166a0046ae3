"""Have everybody else show the new secret: whoever shows it to the service, and the operator's own values."""

from gonogo import credentials, handing
from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import Plan, Secret
from gonogo.protocols import Context, Proof, StepKind


class SecretHandover:
    """After it nobody that we know of shows the old value any more."""

    name = "secret-handover"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        kind = credentials.kind_of(handing.rotation_of(plan))
        shows = (
            "set Telegram's webhook with all its fields and the new secret, prove a delivery; " if kind.by_list else ""
        )
        return f"{shows}{kind.own}: write the new value where the toolkit keeps its own" if kind.own else "nothing"

    def check(self, context: Context) -> bool:
        """Return False: setting it once more is harmless, and Telegram never says which secret it shows."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Set the webhook, replace the operator's own value."""
        kind, pair = handing.kind_of(context), handing.pair_of(context)
        context.world.issuers.hand_over(kind.name, pair)
        if _holds(context, pair.old):
            context.world.safe.change_own(kind.own, pair.coming)

    def verify(self, context: Context) -> Proof:
        """Prove that the new one is taken, and that the old one is kept nowhere here.

        Raises:
            StepFailedError: it is not.
        """
        kind, pair = handing.kind_of(context), handing.pair_of(context)
        if not handing.is_taken(context, pair.coming):
            raise StepFailedError("new-secret-refused", f"the service refuses the new {kind.name}")
        if _holds(context, pair.old):
            raise StepFailedError("own-value-old", f"{kind.own} still holds the old value", where=kind.own)
        kept = context.world.safe.own(kind.own)
        own = "the new value" if kept else "not kept here"
        return Proof(evidence={"delivery": "taken with the new value", kind.own: own})

    def revert(self, context: Context) -> Proof:
        """Have everybody show the old one again.

        Raises:
            NeedsPersonError: the old one is refused.
        """
        kind, pair = handing.kind_of(context), handing.pair_of(context)
        context.world.issuers.hand_back(kind.name, pair)
        if _holds(context, pair.coming):
            context.world.safe.change_own(kind.own, pair.old)
        if not all(handing.is_taken(context, each) for each in credentials.parts(kind, pair.old)):
            hint = f"invoke deploy.resume --env {context.plan.environment}"
            raise NeedsPersonError("old-secret-refused", f"the old {kind.name} is refused", hint=hint)
        return Proof(evidence={"delivery": "taken with the old value"})


def _holds(context: Context, value: Secret) -> bool:
    """Return whether the operator's own value is this one."""
    kind = handing.kind_of(context)
    own = context.world.safe.own(kind.own) if kind.own else None
    return own is not None and own.reveal() == value.reveal()
