"""A scene: an imagined world with its ports, and a configuration that fits it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from gonogo.model import Artifact, Commands, Config, Entry, Limits, Secret, ServicePaths, Target
from gonogo.protocols import World
from gonogo.testing.database import MemoryBackups, MemoryCatalog, MemoryDatabase, MemoryMigrations
from gonogo.testing.platform import MemoryPlatform, MemoryService
from gonogo.testing.restores import MemoryRestores
from gonogo.testing.secrets import MemoryIssuers, MemorySafe, MemoryUsage
from gonogo.testing.state import API, WORKER, State
from gonogo.testing.surroundings import (
    MemoryCheckouts,
    MemoryClock,
    MemoryGit,
    MemoryJobs,
    MemoryLedger,
    MemoryLog,
    MemoryRequirements,
    MemorySmoke,
    MemoryTraffic,
)
from gonogo.testing.trials import MemoryTrials


@dataclass(kw_only=True)
class Scene(State):
    """An imagined world that hands out its ports."""

    def copied(self) -> Self:
        """Return the same world once more, which goes on by itself; nobody watches it."""
        shared = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "witness"}
        own = {name: value.copy() for name, value in shared.items() if isinstance(value, list | dict | set)}
        return type(self)(**{**shared, **own})

    def world(self, observe: Callable[[Entry], None] = lambda _: None, *, host: str = "host") -> World:
        """Return the ports of this scene; a second call is the same world seen by a new process."""
        self.pid += 1
        return World(
            clock=MemoryClock(self),
            git=MemoryGit(self),
            checkouts=MemoryCheckouts(self),
            platform=MemoryPlatform(self),
            service=MemoryService(self),
            database=MemoryDatabase(self),
            catalog=MemoryCatalog(self),
            backups=MemoryBackups(self),
            restores=MemoryRestores(self),
            migrations=MemoryMigrations(self),
            trials=MemoryTrials(self),
            requirements=MemoryRequirements(self),
            jobs=MemoryJobs(self),
            usage=MemoryUsage(self),
            safe=MemorySafe(self),
            issuers=MemoryIssuers(self),
            smoke=MemorySmoke(self),
            ledger=MemoryLedger(self, host),
            log=MemoryLog(self),
            traffic=MemoryTraffic(self),
            observe=observe,
            operator=f"operator@{host}",
            host=host,
            pid=self.pid,
        )


def config(root: Path = Path("/nowhere"), *, allow_dirty: bool = False, limits: Limits | None = None) -> Config:
    """Return a configuration for a scene."""
    return Config(
        project="example",
        root=root,
        state=root / ".gonogo",
        ledger_url="sqlite://",
        log=root / "log.md",
        artifact=Artifact(environment=("true",), key_files=("lock",)),
        service=ServicePaths(live="/live", ready="/ready", workers="/workers", canary="/canary", job="/jobs/{id}"),
        commands=Commands(migrate=("true",), migrations="alembic.ini", smoke=("true",), backup=("true",)),
        stack_services={},
        stack_environment={},
        stack_broken={},
        stack_issue_token=(),
        target=Target(
            name="prod",
            stack=None,
            coolify_url="http://coolify",
            coolify_token=Secret("COOLIFY_TOKEN", "1|coolify-secret"),
            api_uuid=API,
            worker_uuid=WORKER,
            api_url="http://api",
            api_token=Secret("API_TOKEN", "api-secret"),
            database_url=Secret("DATABASE_URL", "postgresql://u:database-secret@h/d"),
            redis_url=Secret("REDIS_URL", "redis://:redis-secret@h"),
            scratch_url=Secret("SCRATCH_DATABASE_URL", "postgresql://u:scratch-secret@h/d"),
            allow_dirty=allow_dirty,
            limits=limits or Limits(bake_s=10.0, bake_rate=10.0),
        ),
    )
