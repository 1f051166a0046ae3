"""Look at the world before a release. Reads only, and judges nothing."""

from collections.abc import Collection

from gonogo import drills, inventory, journal
from gonogo.errors import UsageError
from gonogo.model import (
    Config,
    DatabaseFacts,
    Deployment,
    Entry,
    EntryKind,
    Facts,
    PlanKind,
    PlatformFacts,
    SchemaFacts,
    Snapshot,
    Verdict,
    version_of,
)
from gonogo.protocols import Ledger, World

# How many releases are looked through for one that came to a proven end.
_LOOKED_AT = 20


def gather(world: World, config: Config, commit: str = "") -> Facts:
    """Return everything that a plan is decided from.

    Args:
        world: what is looked at.
        config: where.
        commit: what to go to; empty for what is checked out.

    Raises:
        UnreachableError: Coolify or the database does not answer. A service that does not answer is a fact.
    """
    git = world.git.facts()
    target = commit or (world.git.snapshot() if git.dirty and config.target.allow_dirty else git.commit)
    checkout = world.checkouts.provide(target)
    ready = world.service.ready()
    platform, declared = _platform(world, config), world.requirements.of(checkout)
    return Facts(
        at=world.clock.now(),
        git=git,
        target_commit=target,
        platform=platform,
        ready=ready,
        workers=world.service.workers(),
        database=_database(world),
        history=world.migrations.history(checkout),
        disk_free_bytes=world.backups.free_bytes(),
        secrets=inventory.gather(world, config, platform, declared),
        gone=_gone(world, ready.commit),
        last=last_snapshot(world.ledger, config.target.name),
        declared=declared,
        drills=drills.held(world.ledger.read(drills.stream(config.target.name))),
    )


def gather_schema(world: World, config: Config) -> SchemaFacts:
    """Return what is decided from when the schema moves alone; the platform is not asked.

    Raises:
        UnreachableError: the database does not answer. A service that does not answer is a fact.
    """
    git = world.git.facts()
    target = world.git.snapshot() if git.dirty and config.target.allow_dirty else git.commit
    return SchemaFacts(
        at=world.clock.now(),
        git=git,
        target_commit=target,
        ready=world.service.ready(),
        database=_database(world),
        history=world.migrations.history(world.checkouts.provide(target)),
        disk_free_bytes=world.backups.free_bytes(),
    )


def last_snapshot(ledger: Ledger, environment: str) -> Snapshot | None:
    """Return how the last release that came to a proven end left an environment; None when none wrote it down.

    One that was rolled back left what it had found. One that changed nothing, or that a person had to mend, says
    nothing of how things stand.
    """
    for release_id in ledger.releases(environment)[:_LOOKED_AT]:
        entries = ledger.read(release_id)
        verdict = _verdict(entries) if _moves_code(entries) else Verdict.UNFINISHED
        if verdict is Verdict.RELEASED:
            return journal.replay(entries).signed_off
        if verdict is Verdict.ROLLED_BACK:
            return journal.replay(entries).plan.before
    return None


def _gone(world: World, commit: str | None) -> tuple[str, ...]:
    """Return what the version that serves would need to be deployed again and is not there any more."""
    try:
        world.git.resolve(commit or "HEAD")
    except UsageError:
        reason = f"this repository does not have the commit {version_of(commit)} any more"
        return (f"{reason}: git fetch --all may bring it",)
    return ()


def _moves_code(entries: tuple[Entry, ...]) -> bool:
    """Return whether a release brings a version, by its first entry; the schema alone says nothing of a setup."""
    plan = entries[0].data.get("plan") if entries else None
    kind = plan.get("kind", PlanKind.RELEASE.value) if isinstance(plan, dict) else PlanKind.RELEASE.value
    return PlanKind(str(kind)).moves_code


def _verdict(entries: tuple[Entry, ...]) -> Verdict:
    """Return how a release ended, by its last entry: most need no replay."""
    if entries and entries[-1].kind is EntryKind.RELEASE_ENDED:
        return Verdict(str(entries[-1].data["verdict"]))
    return Verdict.UNFINISHED


def _platform(world: World, config: Config) -> PlatformFacts:
    """Return what Coolify says about our two applications."""
    target = config.target
    return PlatformFacts(
        version=world.platform.version(),
        missing_abilities=world.platform.missing_abilities(target.api_uuid),
        api=world.platform.application(target.api_uuid),
        worker=world.platform.application(target.worker_uuid),
        active=_active(world, target.api_uuid) + _active(world, target.worker_uuid),
        api_variables=world.platform.variables(target.api_uuid),
        worker_variables=world.platform.variables(target.worker_uuid),
        foreign=_foreign(world, {target.api_uuid, target.worker_uuid}),
        missing_optional=world.platform.missing_optional_abilities(target.api_uuid),
    )


def _active(world: World, app_uuid: str) -> tuple[Deployment, ...]:
    """Return an application's deployments that are not over."""
    return tuple(each for each in world.platform.recent(app_uuid) if each.is_active)


def _foreign(world: World, ours: Collection[str]) -> tuple[Deployment, ...]:
    """Return the deployments of the team's other applications that are not over."""
    return tuple(each for each in world.platform.active() if each.application_uuid not in ours)


def _database(world: World) -> DatabaseFacts:
    """Return what the database says about itself."""
    return DatabaseFacts(
        server_version=world.database.server_version(),
        dump_tool_version=world.database.dump_tool_version(),
        revision=world.database.revision(),
        size_bytes=world.database.size_bytes(),
        scratch_is_apart=world.database.scratch_is_apart(),
    )
