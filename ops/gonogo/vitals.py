"""How an environment is, by what each of its parts says. Reads only."""

from collections.abc import Callable
from dataclasses import dataclass

from gonogo.errors import GonogoError
from gonogo.model import Config, version_of
from gonogo.protocols import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Vital:
    """One part of an environment and what it says."""

    part: str
    is_well: bool
    says: str


def examine(world: World, config: Config) -> tuple[Vital, ...]:
    """Return every part's word; one that does not answer is not well, and the others are still asked."""
    return (
        _asked("api", lambda: _api(world)),
        _asked("worker", lambda: _worker(world, config)),
        _asked("database", lambda: _database(world)),
        _asked("coolify", lambda: _coolify(world, config)),
    )


def _asked(part: str, ask: Callable[[], tuple[bool, str]]) -> Vital:
    """Return a part's word, or why it has none."""
    try:
        is_well, says = ask()
    except GonogoError as error:
        is_well, says = False, error.message
    return Vital(part=part, is_well=is_well, says=says)


def _api(world: World) -> tuple[bool, str]:
    """Ask the ready probe."""
    ready = world.service.ready()
    said = f"{version_of(ready.commit)}, schema {ready.schema_revision}, {ready.ms:.0f} ms"
    if ready.ready:
        # It may serve without something that it should have.
        return not ready.detail, f"{said}, but {ready.detail}" if ready.detail else said
    return False, f"{version_of(ready.commit)} not ready: {ready.detail}"


def _worker(world: World, config: Config) -> tuple[bool, str]:
    """Ask for heartbeats."""
    limit = config.target.limits.worker_beat_s
    beats = [beat for beat in world.service.workers() if beat.state == "running" and beat.age_s <= limit]
    named = ", ".join(f"{version_of(beat.commit)} {beat.age_s:.1f} s ago" for beat in beats)
    return bool(beats), named or f"no heartbeat in the last {limit:g} s"


def _database(world: World) -> tuple[bool, str]:
    """Ask the database."""
    revision = world.database.revision()
    size = world.database.size_bytes() / 1e6
    return revision is not None, f"PostgreSQL {world.database.server_version()}, schema {revision}, {size:.1f} MB"


def _coolify(world: World, config: Config) -> tuple[bool, str]:
    """Ask Coolify; its status is a cache and is only shown."""
    applications = [world.platform.application(uuid) for uuid in (config.target.api_uuid, config.target.worker_uuid)]
    named = ", ".join(f"{each.name} {each.status}" for each in applications)
    return True, f"Coolify {world.platform.version()}: {named}"
