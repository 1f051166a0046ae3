"""Decide the rotation of a secret: its steps, and what stands against it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gonogo import credentials
from gonogo.credentials import Kind
from gonogo.errors import UsageError
from gonogo.model import (
    Application,
    Config,
    Finding,
    Plan,
    PlanKind,
    PlannedStep,
    Rotation,
    SecretsSeen,
    Severity,
    Snapshot,
)
from gonogo.protocols import Step

_SWITCHES = {"api-switch", "worker-switch"}
_ALONE = {"api-alone", "worker-alone"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a rotation is decided from.

    Attributes:
        now: when.
        release_id: its id.
        kind: which secret.
        by_hand: whether a person makes the new value.
        before: the environment as it is.
        is_ready: whether the API is ready.
        apps: the applications that are told the secret.
        values: how many different values they are told; the operators' own value counts where no application is told.
        old: fingerprint of the value in use; empty where nothing keys fingerprints.
        is_taken: whether the value in use is taken; None where it was not asked.
        seen: what the service says that it uses; None where it does not say.
        unseen: why it does not say.
        own: whether the operator's own values hold it.
        problems: why its issuer cannot replace it.
    """

    now: datetime
    release_id: str
    kind: Kind
    by_hand: bool
    before: Snapshot
    is_ready: bool
    apps: tuple[Application, ...]
    values: int
    old: str
    is_taken: bool | None
    seen: SecretsSeen | None
    unseen: str
    own: bool
    problems: tuple[str, ...]


def kind_named(name: str) -> Kind:
    """Return a kind of secret.

    Raises:
        UsageError: there is none of this name.
    """
    if name in credentials.KINDS:
        return credentials.KINDS[name]
    message = f"there is no secret called {name!r}; there are: {', '.join(sorted(credentials.KINDS))}"
    raise UsageError("unknown-secret", message, hint="invoke secrets.rotate database --env NAME --dry-run")


def build(config: Config, ground: Ground, *, steps: Sequence[Step]) -> Plan:
    """Return the plan of replacing a secret by a new one, with everything that stands against it."""
    kind, commit = ground.kind, ground.before.commit
    plan = Plan(
        release_id=ground.release_id,
        environment=config.target.name,
        created_at=ground.now,
        previous_commit=commit,
        target_commit=commit,
        subject=f"{kind.name}: {kind.what}",
        start_revision=ground.before.schema_revision,
        target_revision=ground.before.schema_revision or "",
        pending=(),
        steps=(),
        findings=tuple(_findings(config, ground)),
        way_back=_way_back(ground),
        kind=PlanKind.ROTATION,
        before=ground.before,
        rotation=Rotation(name=kind.name, variable=kind.variable, by_hand=ground.by_hand, fingerprint=ground.old),
    )
    needed = [step for step in steps if _is_needed(step.name, ground)]
    planned = tuple(PlannedStep(name=step.name, intent=step.intent(plan)) for step in needed)
    return replace(plan, steps=planned)


def _is_needed(step: str, ground: Ground) -> bool:
    """Return whether a rotation has a step."""
    kind = ground.kind
    if step in _SWITCHES:
        return kind.is_told
    if step in _ALONE:
        return kind.by_list
    if step == "secret-handover":
        return kind.by_list or ground.own
    return step != "old-secret-revoked" or not kind.by_list


def _way_back(ground: Ground) -> str:
    """Return how a rotation is undone, in words."""
    if not ground.kind.overlaps:
        return "none once the new value is made: the old one ends at that moment; what fails is gone on with"
    last = "api-alone" if ground.kind.by_list else "old-secret-revoked"
    return f"until {last} begins: invoke deploy.abort brings the old value back; after it what fails is gone on with"


def _findings(config: Config, ground: Ground) -> Iterator[Finding]:
    """Yield what stands against it, or that nothing does."""
    found = [*_of_service(ground), *_of_value(ground), *_of_rolling(config, ground)]
    found += [_block("secret-issuer", each, _runbook(ground)) for each in ground.problems]
    yield from found
    if not found:
        words = f"{ground.old} is in use everywhere and taken" if ground.seen else f"{ground.old} is taken"
        yield Finding(rule="secret-in-use", severity=Severity.INFO, message=f"{ground.kind.name}: {words}")


def _of_service(ground: Ground) -> Iterator[Finding]:
    """Yield what of the service does not let a rotation be proven."""
    if not ground.is_ready:
        yield _block("service-ready", "the API is not ready: a rotation could not be told from what is wrong", "")
    if not ground.old:
        message = f"{credentials.KEY} is not set for the API, so nobody can tell who uses which secret"
        yield _block("fingerprints", message, "set it for API and worker, the same; deploy; then run this again")
    elif ground.seen is None:
        yield _block("fingerprints", f"the service does not say which secrets it uses: {ground.unseen}", "")
    elif ground.kind.is_told and (others := _others(ground, ground.seen)):
        message = f"{ground.kind.variable} is {ground.old} in Coolify, and {', '.join(others)} is in use"
        yield _block("fingerprints", message, "deploy what Coolify has, API and worker; then run this again")


def _others(ground: Ground, seen: SecretsSeen) -> list[str]:
    """Return which other values are in use."""
    running = [each.secrets for each in seen.workers if each.state == "running"]
    shown = {each.get(ground.kind.variable, "none") for each in (seen.secrets, *running)}
    return sorted(shown - {ground.old})


def _of_value(ground: Ground) -> Iterator[Finding]:
    """Yield what is wrong with the value in use."""
    where = ground.kind.variable or ground.kind.own
    if ground.values == 0:
        yield _block("secret-set", f"{where} is not set, or may not be read: there is nothing to rotate", "")
    elif ground.values > 1:
        message = f"API and worker are told different values of {where}"
        yield _block("secret-set", message, f"in Coolify: set {where} to one of them for both, deploy both")
    elif ground.is_taken is False:
        message = f"the {ground.kind.name} in use is refused already: there is nothing to overlap with"
        yield _block("secret-taken", message, _runbook(ground))


def _of_rolling(config: Config, ground: Ground) -> Iterator[Finding]:
    """Yield why deploying the API would let requests fail."""
    api = next((each for each in ground.apps if each.uuid == config.target.api_uuid), None)
    if not ground.kind.is_told or api is None or config.target.allow_stop_first:
        return
    if not api.rolling:
        message = f"deploying {api.name} stops it first: {api.why_not_rolling}"
        yield _block(
            "rollout-is-rolling", message, "in Coolify: change that setting; or allow_stop_first in gonogo.toml"
        )


def _runbook(ground: Ground) -> str:
    """Return where the way out is written."""
    return f"ops/SECRETS_ROTATION_RUNBOOK.md, {ground.kind.name}"


def _block(rule: str, message: str, hint: str) -> Finding:
    """Return a finding that stops a rotation."""
    return Finding(rule=rule, severity=Severity.BLOCK, message=message, hint=hint)
