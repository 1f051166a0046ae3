"""What a rehearsal can break on purpose: on the platform, in the commit, or in the world of the release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gonogo import bootstrap
from gonogo.errors import UsageError
from gonogo.model import Backup, Project, Secret
from gonogo.protocols import Backups, World

# The stand-in breaks these itself, for deployments of the target only.
_ON_PLATFORM = ("api-unhealthy", "api-wrong-version", "worker-crash")
# What a provider's stand-in does wrong for the whole rehearsal; the service must do without it.
_AT_PROVIDERS = {"provider-nonsense": ("xai", "html")}
NAMES = (*_ON_PLATFORM, "migration-fails", "backup-corrupt", "smoke-fails", *_AT_PROVIDERS)

_REFUSED = Secret("API_TOKEN", "a-token-that-was-never-issued")

# A migration that renders, lints and restores well, and fails on the real database alone: half of it has run by then.
_FAILING_MIGRATION = '''"""A rehearsal's migration that fails when it meets the real data."""

from alembic import op

revision = "999912312359"
down_revision = {head!r}
branch_labels = None
depends_on = None

kind = "expand"
reversible = True


def upgrade() -> None:
    op.execute("CREATE TABLE rehearsal_fault (id bigint PRIMARY KEY)")
    op.execute("DO $$ BEGIN RAISE EXCEPTION 'rehearsed: this row cannot be migrated'; END $$")


def downgrade() -> None:
    op.execute("DROP TABLE rehearsal_fault")
'''


def refuse_unknown(fault: str) -> None:
    """Raise for a fault that does not exist.

    Raises:
        UsageError: there is no such fault.
    """
    if fault and fault not in NAMES:
        raise UsageError("unknown-fault", f"there is no fault called {fault!r}", hint=f"use one of: {', '.join(NAMES)}")


def target(project: Project, fault: str) -> str:
    """Return the commit to rehearse: this tree as it is, with a migration that fails where that is the fault."""
    git = bootstrap.repository(project)
    commit = git.snapshot() if git.facts().dirty else git.resolve("HEAD")
    if fault != "migration-fails":
        return commit
    folder = Path(project.commands.migrations).parent / "migrations" / "versions"
    head = bootstrap.head(project, commit)
    return git.with_file(
        commit, str(folder / "999912312359_expand_rehearsal_fault.py"), _FAILING_MIGRATION.format(head=head)
    )


def platform_faults(fault: str, commit: str) -> tuple[tuple[str, str], ...]:
    """Return what the stand-in is told to break."""
    return ((fault, commit),) if fault in _ON_PLATFORM else ()


def provider_faults(fault: str) -> tuple[tuple[str, str], ...]:
    """Return which provider is told to do what wrong."""
    return (_AT_PROVIDERS[fault],) if fault in _AT_PROVIDERS else ()


def broken(world: World, fault: str) -> World:
    """Return the world with a fault in it; the same world for a fault that lies elsewhere."""
    change: Mapping[str, Callable[[World], dict[str, Any]]] = {
        "backup-corrupt": lambda given: {"backups": CorruptBackups(given.backups)},
        "smoke-fails": lambda given: {"smoke": bootstrap.with_token(given.smoke, _REFUSED)},
    }
    return replace(world, **change[fault](world)) if fault in change else world


@dataclass(frozen=True, slots=True)
class CorruptBackups:
    """Backups whose dump loses its middle after the manifest was written, as on a failing disk."""

    backups: Backups

    def take(self, name: str) -> Backup:
        """Take a backup and damage it."""
        backup = self.backups.take(name)
        largest = max(backup.dump.iterdir(), key=lambda path: path.stat().st_size)
        content = bytearray(largest.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64)
        largest.write_bytes(content)
        return backup

    def find(self, name: str) -> Backup | None:
        """Return a backup."""
        return self.backups.find(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all."""
        return self.backups.names()

    def verify(self, name: str) -> tuple[str, ...]:
        """Return what is wrong with one."""
        return self.backups.verify(name)

    def newest(self) -> Backup | None:
        """Return the one that was taken last."""
        return self.backups.newest()

    def digest(self, backup: Backup) -> str:
        """Return a dump's digest."""
        return self.backups.digest(backup)

    def free_bytes(self) -> int:
        """Return the free space."""
        return self.backups.free_bytes()
