"""Put together who holds which secret, since when, and what could not be looked at. Reads only, and judges nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time

from gonogo.model import Config, Declared, Entry, Holding, PlatformFacts, Secret, SecretFacts, Variable
from gonogo.protocols import World
from gonogo.secrecy import marks, rotations

TOOLKIT = "gonogo"
# What holds a secret by its name, where a release does not say which do.
_NAMED_SO = re.compile(r"SECRET|TOKEN|PASSW|(?<!PUBLIC_)KEY$|CREDENTIAL|PRIVATE|DSN", re.IGNORECASE)
# How many runs are looked through for rotations.
_LOOKED_AT = 50


def gather(
    world: World, config: Config, platform: PlatformFacts, declared: Declared | None, *, with_history: bool = True
) -> SecretFacts:
    """Return what is known of an environment's secrets, as far as a release can wait for it.

    Args:
        world: what is looked at.
        config: where.
        platform: what the applications are handed.
        declared: what the release says that it reads.
        with_history: whether the git history is looked through, as far as that is quick.

    Raises:
        UnreachableError: the database does not answer.
    """
    applications = {
        "api": (platform.api.name, platform.api_variables),
        "worker": (platform.worker.name, platform.worker_variables),
    }
    holdings = tuple(_holdings(config, applications, declared))
    # What a local stack holds was made with it: it is too new to be old, or in the history.
    is_made = bool(config.target.stack)
    wanted = with_history and not is_made
    searched = world.git.leaked([each.secret for each in holdings if each.secret and wanted])
    return SecretFacts(
        at=world.clock.now(),
        holdings=holdings if is_made else tuple(_dated(config, holdings, _rotated(world, config))),
        wanted=_wanted(applications, declared),
        elsewhere={} if is_made else config.elsewhere,
        examples=declared.examples if declared else frozenset(),
        password_ends=world.database.password_ends(),
        leaks=searched.leaks,
        notes=(*searched.notes, *_unread(applications)),
    )


def _holdings(
    config: Config,
    applications: Mapping[str, tuple[str, tuple[Variable, ...] | None]],
    declared: Declared | None,
) -> Iterator[Holding]:
    """Yield every secret in each place."""
    yield from own(config)
    known = {each.name for each in config.target.secrets} | set(config.secrecy.rows)
    for service, (holder, variables) in applications.items():
        named = declared.services[service].secrets if declared and service in declared.services else None
        for each in variables or ():
            if each.key in known or (looks_secret(each) if named is None else each.key in named):
                yield _of(each, holder)


def own(config: Config) -> Iterator[Holding]:
    """Yield what the toolkit itself is given."""
    for each in config.target.secrets:
        yield Holding(name=each.name, holder=TOOLKIT, secret=each)


def _of(variable: Variable, holder: str) -> Holding:
    """Return a variable of an application as what it holds."""
    return Holding(
        name=variable.key,
        holder=holder,
        secret=variable.held,
        since=variable.changed_at,
        told_by="Coolify",
        is_copied=variable.is_copied,
        is_buildtime=variable.is_buildtime,
        is_literal=variable.is_literal,
    )


def looks_secret(variable: Variable) -> bool:
    """Return whether a variable holds a secret by its name, or by the password in its URL."""
    value = variable.held
    return bool(_NAMED_SO.search(variable.key)) or (
        value is not None and "://" in value.reveal() and bool(value.words[1:])
    )


def _dated(config: Config, holdings: Iterable[Holding], rotated: Mapping[str, datetime]) -> Iterator[Holding]:
    """Yield what is held with the best that is known of its age: the ledger, the project's word, Coolify's."""
    held = tuple(holdings)
    seen = {mark: each for each in held if each.since and each.secret for mark in marks.marks(each.secret)}
    for each in held:
        row = config.secrecy.rows.get(each.name)
        day = row.rotated.get(config.target.name) if row else None
        if each.name in rotated:
            yield _since(each, rotated[each.name], "the ledger")
        elif day:
            yield _since(each, datetime.combine(day, time(), UTC), "gonogo.toml")
        elif each.since is None and each.secret:
            same = next((seen[mark] for mark in marks.marks(each.secret) if mark in seen), None)
            yield _since(each, same.since, same.told_by) if same and same.since else each
        else:
            yield each


def _since(holding: Holding, since: datetime, told_by: str) -> Holding:
    """Return the same with another age."""
    return Holding(
        name=holding.name,
        holder=holding.holder,
        secret=holding.secret,
        since=since,
        told_by=told_by,
        is_copied=holding.is_copied,
        is_buildtime=holding.is_buildtime,
        is_literal=holding.is_literal,
    )


def _rotated(world: World, config: Config) -> dict[str, datetime]:
    """Return when secrets were replaced, by what the ledger says."""
    found: dict[str, datetime] = {}
    for release_id in world.ledger.releases(config.target.name)[:_LOOKED_AT]:
        entries: tuple[Entry, ...] = world.ledger.read(release_id)
        found = {**rotations.read(entries), **found}  # newest first
    return found


def _wanted(
    applications: Mapping[str, tuple[str, tuple[Variable, ...] | None]], declared: Declared | None
) -> Mapping[str, tuple[str, ...]] | None:
    """Return by application which secrets its release reads; None where the release does not say."""
    services = declared.services if declared else {}
    said = {holder: services[name].secrets for name, (holder, _) in applications.items() if name in services}
    return {holder: names for holder, names in said.items() if names is not None} or None


def _unread(applications: Mapping[str, tuple[str, tuple[Variable, ...] | None]]) -> Iterator[str]:
    """Yield what may not be read."""
    for holder, variables in applications.values():
        hidden = [each.key for each in variables or () if each.held is None and _NAMED_SO.search(each.key)]
        if variables is None:
            yield f"the variables of {holder} may not be read: the token needs read"
        elif hidden:
            yield f"{holder}: the values of {', '.join(hidden)} may not be read (locked, or no read:sensitive)"


def in_use(facts: SecretFacts) -> tuple[Secret, ...]:
    """Return every value that is in use and can be read."""
    held = [each.secret for each in facts.holdings if each.secret]
    return (*held, *(secret for secrets in facts.elsewhere.values() for secret in secrets))
