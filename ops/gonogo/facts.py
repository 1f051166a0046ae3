"""Look at the world before a release. Reads only, and judges nothing."""

from gonogo.errors import UsageError
from gonogo.model import Config, DatabaseFacts, Deployment, Facts, PlatformFacts, version_of
from gonogo.protocols import World

# Values that stand in examples and must never reach an environment.
_PLACEHOLDERS = ("changeme", "change-me", "placeholder", "example", "xxxx", "todo", "your-", "replace-me")
_SHORTEST = 8
_ACTIVE = {"queued", "in_progress"}


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
    ready = world.service.ready()
    return Facts(
        at=world.clock.now(),
        git=git,
        target_commit=target,
        platform=_platform(world, config),
        ready=ready,
        workers=world.service.workers(),
        database=_database(world),
        history=world.migrations.history(world.checkouts.provide(target)),
        disk_free_bytes=world.backups.free_bytes(),
        weak_secrets=_weak_secrets(config),
        gone=_gone(world, ready.commit),
    )


def _gone(world: World, commit: str | None) -> tuple[str, ...]:
    """Return what the version that serves would need to be deployed again and is not there any more."""
    try:
        world.git.resolve(commit or "HEAD")
    except UsageError:
        reason = f"this repository does not have the commit {version_of(commit)} any more"
        return (f"{reason}: git fetch --all may bring it",)
    return ()


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
    )


def _active(world: World, app_uuid: str) -> tuple[Deployment, ...]:
    """Return an application's deployments that are not over."""
    return tuple(each for each in world.platform.recent(app_uuid) if each.status in _ACTIVE)


def _database(world: World) -> DatabaseFacts:
    """Return what the database says about itself."""
    return DatabaseFacts(
        server_version=world.database.server_version(),
        dump_tool_version=world.database.dump_tool_version(),
        revision=world.database.revision(),
        size_bytes=world.database.size_bytes(),
    )


def _weak_secrets(config: Config) -> tuple[str, ...]:
    """Return the names of secrets that hold an example's value."""
    return tuple(
        secret.name
        for secret in config.target.secrets
        if any(word in secret.reveal().lower() for word in _PLACEHOLDERS) or len(secret.reveal()) < _SHORTEST
    )
