"""What the steps of a rotation share: the pair that is kept, its fingerprints, and whether a value is taken."""

from gonogo import arrivals, credentials
from gonogo.errors import NeedsPersonError, NoGoError
from gonogo.model import Pair, Plan, Rotation, Secret
from gonogo.protocols import Context


def rotation_of(plan: Plan) -> Rotation:
    """Return what a plan rotates.

    Raises:
        NoGoError: it rotates nothing.
    """
    if plan.rotation is None:
        raise NoGoError("not-a-rotation", f"{plan.kind.value} {plan.release_id} rotates no secret")
    return plan.rotation


def kind_of(context: Context) -> credentials.Kind:
    """Return how the secret of this rotation is replaced."""
    return credentials.kind_of(rotation_of(context.plan))


def is_by_hand(context: Context) -> bool:
    """Return whether a person makes the new value."""
    rotation = rotation_of(context.plan)
    return rotation.by_hand or credentials.kind_of(rotation).by_hand


def pair_of(context: Context) -> Pair:
    """Return the old and the new value that are kept.

    Raises:
        NeedsPersonError: they are kept no more, or on another machine.
    """
    pair = context.world.safe.pair(context.plan.release_id)
    if pair is not None and pair.new is not None:
        return pair
    message = f"this machine does not keep the new {rotation_of(context.plan).name} of {context.plan.release_id}"
    why = "it is kept where the rotation was begun, and nowhere else"
    hint = f"there: invoke deploy.resume --env {context.plan.environment}"
    raise NeedsPersonError("secret-not-here", message, why=why, hint=hint)


def begun(context: Context) -> Pair:
    """Return the pair of a rotation that begins, kept before anybody is told of it."""
    rotation, world = rotation_of(context.plan), context.world
    old = current(context)
    new = None if is_by_hand(context) else world.issuers.draft(rotation.name, old)
    pair = Pair(made_at=world.clock.now(), old=old, new=new)
    world.safe.keep(context.plan.release_id, pair)
    return pair


def current(context: Context) -> Secret:
    """Return the value in use.

    Raises:
        NoGoError: there is none.
    """
    kind, world = kind_of(context), context.world
    found = (
        world.platform.value(context.config.target.api_uuid, kind.variable)
        if kind.is_told
        else world.safe.own(kind.own)
    )
    if found is None or not found.reveal():
        message = f"{kind.variable or kind.own} is not set: there is nothing to rotate"
        raise NoGoError("secret-not-set", message, hint="set it first; docs/CONFIGURATION.md says what it is")
    return found


def is_taken(context: Context, value: Secret) -> bool:
    """Return whether a value is taken now."""
    return context.world.issuers.accepts(rotation_of(context.plan).name, value)


def fingerprint(context: Context, value: Secret) -> str:
    """Return a value's fingerprint, as the service shows it.

    Raises:
        NoGoError: the service keys its fingerprints with nothing.
    """
    kind = kind_of(context)
    key = arrivals.fingerprint_key(context, credentials.KEY)
    if key is None:
        raise NoGoError("no-fingerprint-key", f"{credentials.KEY} is not set, so nobody can tell who uses which secret")
    return credentials.fingerprint(kind.variable or kind.own, value, key)
