"""An in-memory world for tests: it behaves, it records every call, and it can fail or die at a named point.

Imported by tests only. Each fake passes the same contract tests as its real adapter (ops/tests/contracts).
"""

from gonogo.testing.database import MemoryBackups, MemoryCatalog, MemoryDatabase, MemoryMigrations
from gonogo.testing.platform import MemoryPlatform, MemoryService
from gonogo.testing.scene import Scene, config
from gonogo.testing.state import API, LEASE_S, NEW, OLD, WORKER, Died, revision
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

__all__ = [
    "API",
    "LEASE_S",
    "NEW",
    "OLD",
    "WORKER",
    "Died",
    "MemoryBackups",
    "MemoryCatalog",
    "MemoryCheckouts",
    "MemoryClock",
    "MemoryDatabase",
    "MemoryGit",
    "MemoryJobs",
    "MemoryLedger",
    "MemoryLog",
    "MemoryMigrations",
    "MemoryPlatform",
    "MemoryRequirements",
    "MemoryService",
    "MemorySmoke",
    "MemoryTraffic",
    "Scene",
    "config",
    "revision",
]
