"""Everything that can be said of an environment's secrets: who holds them, and where others could read them.

Not part of what a release brings in: the list of providers' tokens is heavy. `invoke secrets.check` enters it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from gonogo import checks, inventory
from gonogo import config as config_room
from gonogo.adapters.coolify import Coolify
from gonogo.adapters.leaks import archive, tree
from gonogo.adapters.leaks.history import GitHistory
from gonogo.adapters.leaks.listed import patterns as listed
from gonogo.bootstrap.inspection import observed
from gonogo.config import document as document_room
from gonogo.errors import GonogoError, UnreachableError
from gonogo.model import (
    Config,
    Finding,
    Leak,
    Limits,
    OnlySecrets,
    PlatformFacts,
    Project,
    Searched,
    Secret,
    SecretFacts,
    Target,
)
from gonogo.protocols import World
from gonogo.secrecy.patterns import Pattern, all_of
from gonogo.secrecy.sheets import Sheets, Watch

Said = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What was found, and how much was looked at.

    Attributes:
        unreachable: why the environment could not be asked; None when it could, or was not to be.
        seen: what was looked at, a sentence each.
    """

    config: Config
    facts: SecretFacts
    findings: tuple[Finding, ...]
    seen: tuple[str, ...]
    unreachable: UnreachableError | None = None


def look(config: Config, *, image: Path | None, said: Said) -> Looked:
    """Return everything about an environment's secrets; one that cannot be reached is told, and the rest looked at.

    Args:
        config: the environment.
        image: an image's archive to look through too.
        said: told what is done.
    """
    said(f"asking {config.target.name} who holds which secret")
    notes: list[str] = []
    config = replace(config, elsewhere=_elsewhere(config, notes))
    unreachable = None
    try:
        facts = _asked(observed(config), config)
        facts = replace(facts, notes=(*facts.notes, *notes))
    except UnreachableError as error:
        unreachable = error
        facts = _alone(config, f"{config.target.name} could not be asked: {error.message}")
    return _searched(config, facts, image=image, said=said, unreachable=unreachable)


def look_at_code(project: Project, *, image: Path | None, said: Said) -> Looked:
    """Return what can be said of the repository alone; no environment is needed, and none is asked."""
    parts = {each.name: getattr(project, each.name) for each in fields(Project)}
    config = Config(**parts, target=_NOWHERE)
    return _searched(config, SecretFacts(at=datetime.now(UTC)), image=image, said=said, only_code=True)


def _asked(outside: World, config: Config) -> SecretFacts:
    """Return what the environment says."""
    target, platform = config.target, outside.platform
    seen = PlatformFacts(
        version="",
        missing_abilities=(),
        api=platform.application(target.api_uuid),
        worker=platform.application(target.worker_uuid),
        active=(),
        api_variables=platform.variables(target.api_uuid),
        worker_variables=platform.variables(target.worker_uuid),
    )
    checkout = outside.checkouts.provide(outside.git.facts().commit)
    # The history is looked through below, all of it.
    return inventory.gather(outside, config, seen, outside.requirements.of(checkout), with_history=False)


def _alone(config: Config, note: str) -> SecretFacts:
    """Return what is known without asking anybody."""
    own = tuple(inventory.own(config))
    return SecretFacts(at=datetime.now(UTC), holdings=own, elsewhere=config.elsewhere, notes=(note,))


def _searched(  # all but two by name
    config: Config,
    facts: SecretFacts,
    *,
    image: Path | None,
    said: Said,
    unreachable: UnreachableError | None = None,
    only_code: bool = False,
) -> Looked:
    """Look where secrets could be read by others, and judge everything."""
    watch, forms = Watch(inventory.in_use(facts)), all_of(listed())
    history = _history(config, watch, forms, said)
    leaks, seen = _files(config.root, watch, forms, image, said)
    notes = tuple(dict.fromkeys((*facts.notes, *history.notes, *(each for each in seen if "not read" in each))))
    full = replace(facts, leaks=tuple(dict.fromkeys((*history.leaks, *leaks))), notes=notes)
    asked = checks.SECRETS[-1:] if only_code else checks.SECRETS
    findings = tuple(finding for check in asked for finding in check(config, OnlySecrets(secrets=full)))
    read = f"{history.commits + history.known:,} commits, {history.commits:,} of them read now"
    return Looked(config=config, facts=full, findings=findings, seen=(read, *seen), unreachable=unreachable)


def _history(config: Project, watch: Watch, forms: tuple[Pattern, ...], said: Said) -> Searched:
    """Look through the git history: for values in use, and for what looks like a secret."""
    history = GitHistory(config.root, config.state)
    said("reading the git history")
    unknown = history.unknown(forms, said=said)
    known = history.known(watch, said=said)
    told = {(each.commit, each.path, each.line) for each in known.leaks}
    others = tuple(each for each in unknown.leaks if (each.commit, each.path, each.line) not in told)
    return replace(unknown, leaks=(*known.leaks, *others))


def _files(
    root: Path, watch: Watch, forms: tuple[Pattern, ...], image: Path | None, said: Said
) -> tuple[list[Leak], tuple[str, ...]]:
    """Look through the tree, the builds' context, and an image's archive; return leaks and what was looked at."""
    found: list[Leak] = []
    sheets = Sheets(watch=watch, patterns=forms, told=found.append)
    said("reading the tree, and what is copied into images")
    found += [*tree.unknown_to_git(root, sheets), *tree.context(root, sheets)]
    sheets.done()
    if image is None:
        return found, ("the tree and the builds' context; no image: --image FILE reads what docker save wrote",)
    said(f"reading {image.name}")
    inside: list[Leak] = []
    sheets = Sheets(watch=watch, patterns=forms, told=inside.append)
    seen, named = archive.read(image, sheets)
    sheets.done()
    found += [archive.with_removals(each, seen) for each in (*inside, *named)]
    read = f"{image.name}: {seen.layers} layers, {seen.files:,} files"
    return found, ("the tree and the builds' context", read, *seen.notes)


def _elsewhere(config: Config, notes: list[str]) -> dict[str, tuple[Secret, ...]]:
    """Return what the other environments hold, as far as their own files here lead to their Coolify; note the rest."""
    path = config.root / config_room.FILE
    document = document_room.read(path)
    return {
        name: (*config.elsewhere[name], *_variables(path, name, notes))
        for name in document.get("environments", {})
        if name in config.elsewhere
    }


def _variables(path: Path, environment: str, notes: list[str]) -> Iterator[Secret]:
    """Yield the secrets that another environment's Coolify holds; its own file alone says where that is."""
    try:
        other = config_room.load(path, environment, {}, shell={})
        target = other.target
        platform = Coolify(target.coolify_url, target.coolify_token, timeout_s=target.limits.probe_timeout_s)
        for uuid in (target.api_uuid, target.worker_uuid):
            for each in platform.variables(uuid) or ():
                if each.held and inventory.looks_secret(each):
                    yield each.held
    except GonogoError as error:
        notes.append(f"what {environment}'s Coolify holds was not compared: {error.message}")


_NOWHERE = Target(
    name="prod",
    stack=None,
    coolify_url="",
    coolify_token=Secret("", ""),
    api_uuid="",
    worker_uuid="",
    api_url="",
    api_token=Secret("", ""),
    database_url=Secret("", ""),
    redis_url=Secret("", ""),
    scratch_url=Secret("", ""),
    allow_dirty=False,
    limits=Limits(),
)
