"""Pending migrations tried outside of a release: where they begin, on which data, beside which earlier release."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gonogo import foresight, journal, lineage, prospects, proving, report, trying
from gonogo.adapters import squawk
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.files import write_whole
from gonogo.bootstrap import linting, wiring
from gonogo.errors import GonogoError, NoGoError, RefusedError, StepFailedError, UsageError
from gonogo.model import (
    Backup,
    Chain,
    Checkout,
    Config,
    Finding,
    MigrationSetup,
    Rehearsed,
    Secret,
    Trial,
    TrialWish,
    version_of,
)
from gonogo.protocols import Backups, Elders, World

__all__ = ["Asked", "Place", "keep_rehearsal", "rehearse"]
_BASE = "base"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is to be rehearsed.

    Attributes:
        environment: whose migrations; empty for the project's own.
        backup: the name of a backup; empty for the newest.
        start: the revision at which an empty database begins, `base` for the empty schema; empty for none.
        newest: of a history that was applied nowhere, so many of the newest revisions.
    """

    environment: str = ""
    backup: str = ""
    start: str = ""
    newest: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where it is rehearsed.

    Attributes:
        setup: how the project's migrations are run.
        config: all of the environment; None where gonogo.toml holds no more than its migrations.
        server: a scratch server.
        elders: what starts earlier releases; None where nothing can.
    """

    setup: MigrationSetup
    config: Config | None
    server: str
    elders: Elders | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Begin:
    """Where the copy begins: restored from a backup, or empty and migrated to a revision."""

    start: str | None
    backup: Backup | None
    notes: tuple[str, ...] = ()


def rehearse(place: Place, asked: Asked, *, say: Callable[[str], None] = lambda _: None) -> Rehearsed:
    """Return what came of trying the pending migrations on a copy; nothing of an environment is changed.

    Args:
        place: where.
        asked: what.
        say: told what is being done.

    Raises:
        UsageError: there is no such backup or revision.
        NoGoError: no trial can be held, and so nobody knows.
        UnreachableError: a server does not answer.
    """
    world = wiring.world(place.config, observe=lambda _: None, elders=place.elders) if place.config else None
    say("reading the migrations")
    try:
        checkout = _checkout(place, world)
        chain = world.migrations.chain(checkout) if world else linting.read(place.setup, place.server)
        begin = _begin(place, world, chain, asked)
        return _rehearsed(place, world, checkout, chain, begin, asked.environment, say)
    except (RefusedError, StepFailedError) as error:
        raise NoGoError(error.reference, error.message, where=error.where, why=error.why, hint=error.hint) from None


def keep_rehearsal(place: Place, told: Rehearsed) -> Path:
    """Write a rehearsal's page, and beside it the same as JSON; return where the page is."""
    folder = place.setup.state / "rehearsals" / (told.environment or "project") / f"{told.at:%Y%m%dT%H%M%SZ}"
    page = folder / "report.html"
    write_whole(page, report.rehearsal_page(told))
    write_whole(page.with_suffix(".json"), json.dumps(report.rehearsal_document(told, page=str(page)), indent=2) + "\n")
    return page


def _rehearsed(  # noqa: PLR0913, PLR0917  # everything that was found out
    place: Place,
    world: World | None,
    checkout: Checkout,
    chain: Chain,
    begin: _Begin,
    environment: str,
    say: Callable[[str], None],
) -> Rehearsed:
    """Return what came of a trial, once it is known where it begins."""
    now = wiring.clock().now()
    done = frozenset({begin.start} if begin.start else ())
    pending = foresight.revisions_of(chain, linting.wanted_of(chain.parents, done, ""))
    told = Rehearsed(
        at=now,
        environment=environment,
        start=begin.start,
        revisions=pending,
        trial=None,
        backup=begin.backup,
        notes=(*begin.notes, *chain.notes),
    )
    if not pending:
        return told
    elder, why_not = _elder(world, environment)
    data = begin.backup.name if begin.backup else "an empty database"
    say(f"trying {len(pending)} revisions on a copy of {data}: restore, migrate under load, down and up again")
    wish = TrialWish(
        checkout=checkout,
        pending=pending,
        scratch=proving.scratch_name(f"rehearse{now:%Y%m%d%H%M%S%f}"),
        start=begin.start,
        previous=elder,
        backup=begin.backup,
    )
    trials = world.trials if world else wiring.trials(place.setup, place.server, place.elders, say=say)
    trial = trials.hold(wish)
    say("holding what was seen against the budgets")
    findings = _judged(place, chain, told, trial)
    return replace(told, trial=trial, findings=findings, notes=(*told.notes, *((why_not,) if why_not else ())))


def _judged(place: Place, chain: Chain, told: Rehearsed, trial: Trial) -> Mapping[str, tuple[Finding, ...]]:
    """Return what rules and budgets say of a trial: of each revision, and by the empty name of all together."""
    limits = place.config.target.limits if place.config else place.setup.limits
    foreseen = foresight.foresee_chain(
        chain,
        told.revisions,
        squawk.said,
        today=told.at.date(),
        must_declare=place.config is not None,
        evidence=foresight.Evidence(trial=trial, limits=limits, environment=told.environment),
    )
    whole = trying.judge_whole(trial, told.revisions, limits, backup=told.backup, environment=told.environment)
    return {
        "": tuple(prospects.finding(each) for each in whole),
        **{each.revision.id: each.findings for each in foreseen},
    }


def _checkout(place: Place, world: World | None) -> Checkout:
    """Return the tree whose migrations are tried: with its locked environment, or as it lies there."""
    if world:
        git = world.git.facts()
        return world.checkouts.provide(world.git.snapshot() if git.dirty else git.commit)
    return Checkout(commit="", path=place.setup.root, python=linting.interpreter(place.setup))


def _begin(place: Place, world: World | None, chain: Chain, asked: Asked) -> _Begin:
    """Return where the copy begins: what was asked for, else the newest backup, else an empty database."""
    if asked.start:
        start = None if asked.start == _BASE else linting.wanted_of(chain.parents, frozenset(), asked.start)[0]
        return _Begin(start=start, backup=None, notes=(_empty(f"--from {asked.start}"),))
    backups, done = _backups(place, world, asked.environment), _done(place, world)
    if backups and (backup := _backup(backups, asked)):
        proving.check_digest(backups, backup)
        return _restored(chain, backup, done)
    start = _tip(chain, done) if done else _newest(chain, asked.newest)
    take = f"invoke backup.run --env {asked.environment}"
    where = f"{asked.environment} has no backup: {take}" if asked.environment else "no environment is named"
    return _Begin(start=start, backup=None, notes=(_empty(where),))


def _restored(chain: Chain, backup: Backup, done: frozenset[str]) -> _Begin:
    """Return the beginning at a backup; what was applied since is tried, too.

    Raises:
        NoGoError: the tree does not have the backup's revision.
    """
    at = backup.schema_revision
    if at is not None and "," in at:
        message = f"the backup {backup.name} is at several revisions at once: {at}"
        hint = "merge the branches (alembic merge heads), or begin with an empty database: --from REVISION"
        raise NoGoError("several-versions", message, why="a trial begins at one revision", hint=hint)
    if at is not None and at not in {each.id for each in chain.migrations}:
        message = f"the backup {backup.name} is at {at}, which this tree does not have"
        raise NoGoError("schema-ahead", message, hint="check a newer commit out")
    since = f"the database is past {at or 'the empty schema'}, at which the backup is: what lies between is tried, too"
    return _Begin(start=at, backup=backup, notes=(since,) if done and at not in done else ())


def _empty(why: str) -> str:
    """Return the note of a trial without data."""
    return f"rehearsed from an empty database: {why}"


def _backups(place: Place, world: World | None, environment: str) -> Backups | None:
    """Return an environment's backups; None without one."""
    if world or not environment:
        return world.backups if world else None
    setup = place.setup
    folder = setup.state / "backups" / environment
    return ScriptBackups((), root=setup.root, folder=folder, url=setup.database or Secret("DATABASE_URL", ""))


def _backup(backups: Backups, asked: Asked) -> Backup | None:
    """Return the backup that is meant.

    Raises:
        UsageError: there is none of this name.
    """
    if not asked.backup:
        return backups.newest()
    name = asked.backup.removesuffix(".dump").removesuffix(".json")
    found = backups.find(name) if "/" not in name else None
    if found is None:
        newest = backups.newest()
        none = f"there is none at all: invoke backup.run --env {asked.environment}"
        hint = f"the newest is {newest.name}" if newest else none
        message = f"{asked.environment} has no backup {asked.backup!r}"
        raise UsageError("unknown-backup", message, hint=hint)
    return found


def _done(place: Place, world: World | None) -> frozenset[str]:
    """Return the revisions that are known to be applied."""
    if world:
        revision = world.database.revision()
        return frozenset({revision} if revision else ())
    return linting.applied(place.setup)


def _tip(chain: Chain, done: frozenset[str]) -> str | None:
    """Return the newest revision that all of some applied ones stand on, or are; None for the empty schema."""
    linting.wanted_of(chain.parents, done, "")  # refuses what this tree does not have
    below = {each: linting.below(chain.parents, (each,)) for each in done}
    tips = [each for each in done if not any(each in below[other] for other in done - {each})]
    shared = set.intersection(*(below[each] for each in tips))
    return next((each.id for each in reversed(chain.migrations) if each.id in shared), None)


def _newest(chain: Chain, count: int) -> str | None:
    """Return the revision before the newest few; None where there are no more than these."""
    known = [each.id for each in chain.migrations]
    return known[-count - 1] if len(known) > count else None


def _elder(world: World | None, environment: str) -> tuple[Checkout | None, str]:
    """Return the release that runs now, by what the service or else the ledger says; and why there is none."""
    if world is None:
        return None, ""
    states = [journal.replay(world.ledger.read(each)) for each in world.ledger.releases(environment)]
    commit = world.service.ready().commit or lineage.last(states)
    if not commit:
        return None, "neither the service nor the ledger says which release runs now"
    try:
        return world.checkouts.provide(commit), ""
    except GonogoError as error:
        return None, f"release {version_of(commit)} cannot be started beside the copy: {error.message}"
