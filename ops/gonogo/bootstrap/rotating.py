"""A secret replaced: what is asked for it, the plan that comes of it, and what is known of earlier rotations."""

from collections.abc import Mapping
from datetime import datetime

from gonogo import credentials, journal, rotation, snapshots, steps
from gonogo.credentials import Kind
from gonogo.errors import GonogoError, NoGoError, RefusedError, UsageError
from gonogo.model import Config, Pair, Plan, PlanKind, Secret, SecretsSeen, StepStatus, Verdict
from gonogo.protocols import World
from gonogo.secrecy import rotations

__all__ = ["ROTATED", "awaits_value", "begun_rotation", "give_value", "last_rotated", "rotate"]
ROTATED = tuple(sorted(credentials.KINDS))
_LOOKED_AT = 200


def rotate(config: Config, outside: World, name: str, *, by_hand: bool = False) -> Plan:
    """Look at a secret and decide how it is replaced; nothing is changed.

    Args:
        config: where.
        outside: what is looked at.
        name: which secret.
        by_hand: whether a person makes the new value, also where its issuer could be asked.

    Raises:
        UsageError: there is no such secret.
        NoGoError: what answered is not what was expected there.
        UnreachableError: Coolify, the service or the issuer does not answer.
    """
    kind = rotation.kind_named(name)
    try:
        ground = _ground(config, outside, kind, by_hand=by_hand)
    except RefusedError as error:  # nothing has begun, so nothing was rolled back either
        raise NoGoError(error.reference, error.message, where=error.where, why=error.why, hint=error.hint) from None
    return rotation.build(config, ground, steps=steps.ROTATE)


def begun_rotation(config: Config, outside: World) -> Plan | None:
    """Return the rotation that waits to be gone on with; None where there is none.

    One that needs a person waits too, unless something has changed the environment since.
    """
    for release_id in outside.ledger.releases(config.target.name)[:_LOOKED_AT]:
        state = journal.replay(outside.ledger.read(release_id))
        if not state.is_over:
            return state.plan if state.plan.kind is PlanKind.ROTATION else None
        if state.verdict is not Verdict.NO_GO:
            return None
    return None


def give_value(outside: World, plan: Plan, value: Secret) -> None:
    """Keep the new value that a person made, for the rotation that waits for it.

    Raises:
        UsageError: it waits for none, or this is the old one.
    """
    pair = outside.safe.pair(plan.release_id)
    if pair is None or plan.rotation is None or not awaits_value(outside, plan):
        message = f"{plan.kind.value} {plan.release_id} waits for no value"
        raise UsageError("no-value-awaited", message, hint=f"invoke deploy.status --env {plan.environment}")
    if message := _wrong(value.reveal(), pair.old.reveal()):
        hint = f"invoke secrets.rotate {plan.rotation.name} --env {plan.environment} --value-from FILE"
        raise UsageError("not-a-new-value", message, hint=hint)
    outside.safe.keep(plan.release_id, Pair(made_at=pair.made_at, old=pair.old, new=value))


def _wrong(given: str, old: str) -> str:
    """Return why a value cannot be a new secret; empty where it can."""
    if not given:
        return "the value is empty"
    if given == old:
        return "that is the value in use: a new one is needed"
    is_plain = given.isascii() and given.isprintable() and " " not in given
    return (
        "" if is_plain else "the value holds spaces, line ends or other signs that no secret has: one value is needed"
    )


def awaits_value(outside: World, plan: Plan) -> bool:
    """Return whether a rotation waits for the value that a person makes, or was given one that is refused."""
    pair = outside.safe.pair(plan.release_id)
    made = journal.replay(outside.ledger.read(plan.release_id)).steps["new-secret"]
    is_by_hand = plan.rotation is not None and plan.rotation.by_hand
    return is_by_hand and pair is not None and (made.status is not StepStatus.DONE)


def last_rotated(config: Config, outside: World) -> Mapping[str, datetime]:
    """Return when each secret of an environment was rotated last, as the ledger knows it."""
    found: dict[str, datetime] = {}
    for release_id in outside.ledger.releases(config.target.name):
        found = {**rotations.read(outside.ledger.read(release_id)), **found}  # newest first
    return {rotations.named(variable) or variable: at for variable, at in found.items()}


def _ground(config: Config, outside: World, kind: Kind, *, by_hand: bool) -> rotation.Ground:
    """Return what a rotation is decided from."""
    now = outside.clock.now()
    before = snapshots.taken(outside, config)
    ready = outside.service.ready()
    uuids = (config.target.api_uuid, config.target.worker_uuid)
    values = _values(outside, kind, uuids)
    key = outside.platform.value(config.target.api_uuid, credentials.KEY)
    old = next(iter(values), None)
    seen, unseen = _seen(outside)
    is_by_hand = by_hand or not outside.issuers.makes(kind.name)
    return rotation.Ground(
        now=now,
        release_id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}-{kind.name}",
        kind=kind,
        by_hand=is_by_hand,
        before=before,
        is_ready=ready.ready,
        apps=tuple(outside.platform.application(each) for each in uuids),
        values=len({each.reveal() for each in values}),
        old=credentials.fingerprint(kind.variable or kind.own, old, key) if old and key else "",
        is_taken=_is_taken(outside, kind, old) if old else None,
        seen=seen,
        unseen=unseen,
        own=bool(old and kind.own and _holds(outside, kind, old)),
        problems=outside.issuers.problems(kind.name, old) if old and not is_by_hand else (),
    )


def _values(outside: World, kind: Kind, uuids: tuple[str, str]) -> list[Secret]:
    """Return the values that are told: to the applications, or to the operators where no application is told."""
    if not kind.is_told:
        own = outside.safe.own(kind.own)
        return [own] if own else []
    found = [outside.platform.value(each, kind.variable) for each in uuids]
    return [each for each in found if each is not None and each.reveal()]


def _is_taken(outside: World, kind: Kind, old: Secret) -> bool:
    """Return whether a value is taken now, of several each one."""
    return all(outside.issuers.accepts(kind.name, each) for each in credentials.parts(kind, old))


def _holds(outside: World, kind: Kind, old: Secret) -> bool:
    """Return whether the operator's own values hold a value."""
    own = outside.safe.own(kind.own)
    return own is not None and own.reveal() == old.reveal()


def _seen(outside: World) -> tuple[SecretsSeen | None, str]:
    """Return which secrets the service says that it uses; and why it does not say."""
    try:
        return outside.usage.secrets(), ""
    except GonogoError as error:
        return None, error.message
