"""The database, its backups and its migrations, in memory."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gonogo.errors import LockTimeoutError, RefusedError
from gonogo.model import (
    Backup,
    Census,
    Chain,
    Checkout,
    History,
    Manner,
    Migration,
    MigrationRun,
    Place,
    Said,
    Standing,
    Statement,
)
from gonogo.testing.state import OLD, Fake, revision

_SOURCE = """kind = {each.kind!r}
reversible = {each.reversible}


def downgrade() -> None:
    op.execute("SELECT 1")
"""


class MemoryDatabase(Fake):
    """A database that knows its revision."""

    def server_version(self) -> int:
        """Return a version."""
        self.scene.reach("database")
        return 18

    def dump_tool_version(self) -> int | None:
        """Return a version."""
        return 18

    def revision(self) -> str | None:
        """Return the scene's revision."""
        self.scene.reach("database")
        return self.scene.schema

    def size_bytes(self) -> int:
        """Return a size."""
        return 1000

    def scratch_is_apart(self) -> bool:
        """Return that it is."""
        return True

    def password_ends(self) -> datetime | None:
        """Return what the scene says."""
        return self.scene.password_ends

    def restore(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Restore what was backed up, or what the scene says instead."""
        with self.scene.effect("database.restore", scratch_name):
            self.scene.scratch.add(scratch_name)
        return dict(backup.row_counts) if self.scene.restored is None else self.scene.restored

    def drop_scratch(self, scratch_name: str) -> None:
        """Drop a scratch database."""
        if not re.fullmatch(r"gonogo_scratch_[a-z0-9]+", scratch_name):
            raise RefusedError("not-a-scratch", f"{scratch_name!r} is not a scratch database of ours")
        if scratch_name in self.scene.scratch:
            with self.scene.effect("database.drop", scratch_name):
                self.scene.scratch.remove(scratch_name)


class MemoryCatalog(Fake):
    """A catalog that holds what the scene says."""

    def census(self, relations: Collection[str], places: Collection[Place]) -> Census:
        """Return the part of the scene's census that is asked for."""
        self.scene.reach("database")
        census = self.scene.census
        return Census(
            sizes={name: size for name, size in census.sizes.items() if name in relations},
            filled=tuple(each for each in census.filled if each.place in places),
        )

    def standing(self) -> Standing:
        """Return what the scene says, at the scene's revision."""
        self.scene.reach("database")
        schema = self.scene.schema
        return replace(self.scene.standing, versions=self.scene.standing.versions or ((schema,) if schema else ()))


class MemoryBackups(Fake):
    """Backups without files."""

    def take(self, name: str) -> Backup:
        """Take one."""
        with self.scene.effect("backups.take", name):
            self.scene.backups[name] = Backup(
                dump=Path(f"{name}.dump"),
                manifest=Path(f"{name}.json"),
                sha256="d" * 64,
                size_bytes=100,
                server_version="18.4",
                schema_revision=self.scene.schema,
                row_counts={"public.thoughts": 3},
                taken_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.scene.seconds),
            )
        return self.scene.backups[name]

    def find(self, name: str) -> Backup | None:
        """Return one, unless its manifest is said to be wrong."""
        if wrong := self.scene.fail_at.get("backups.find"):
            raise wrong
        return self.scene.backups.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names, in the order in which they were taken."""
        return tuple(self.scene.backups)

    def verify(self, name: str) -> tuple[str, ...]:
        """Find fault with a backup whose digest the scene has changed."""
        return () if self.scene.digest == self.scene.backups[name].sha256 else (f"{name} is not what was written",)

    def newest(self) -> Backup | None:
        """Return the last that was taken."""
        return next(reversed(self.scene.backups.values()), None)

    def digest(self, backup: Backup) -> str:
        """Return the scene's digest."""
        del backup
        return self.scene.digest

    def free_bytes(self) -> int:
        """Return plenty."""
        return 10**12


class MemoryMigrations(Fake):
    """Migrations that move the scene's revision."""

    def history(self, checkout: Checkout) -> History:
        """Return the scene's history: r1 and, in any commit but the old one, what is pending."""
        revisions = (revision("r1"), *(() if checkout.commit == OLD else self.scene.pending))
        return History(heads=(revisions[-1].id,), order=tuple(each.id for each in revisions), revisions=revisions)

    def chain(self, checkout: Checkout) -> Chain:
        """Return the scene's history; a revision sends what the scene says, or nothing of note."""
        history = self.history(checkout)
        return Chain(
            migrations=tuple(
                Migration(
                    id=each.id,
                    path=each.path,
                    source=_SOURCE.format(each=each),
                    statements=(Statement(sql=self.scene.statements.get(each.id, f"SELECT '{each.id}'")),),
                    manner=Manner.CAPTURED,
                )
                for each in history.revisions
            ),
            heads=history.heads,
        )

    def squawk(self, scripts: Sequence[str]) -> tuple[tuple[Said, ...], ...]:
        """Return what the scene says, of every revision."""
        return tuple(self.scene.squawk for _ in scripts)

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Go to a revision, one at a time."""
        if self.scene.lock_timeouts:
            self.scene.lock_timeouts -= 1
            raise LockTimeoutError("migration-lock-timeout", "canceling statement due to lock timeout")
        order = self.history(checkout).order
        start = order.index(self.scene.schema) + 1 if self.scene.schema else 0
        for each in order[start : order.index(revision) + 1]:
            self._apply(each)

    def downgrade(self, checkout: Checkout, revision: str | None) -> None:
        """Go back to a revision."""
        del checkout
        if self.scene.lock_timeouts:
            self.scene.lock_timeouts -= 1
            raise LockTimeoutError("migration-lock-timeout", "canceling statement due to lock timeout")
        with self.scene.effect("migrations.downgrade", str(revision)):
            self.scene.schema = revision

    def _apply(self, revision: str) -> None:
        """Apply one revision in its own transaction."""
        with self.scene.effect("migrations.upgrade", revision):
            if revision == self.scene.broken_revision:
                raise RefusedError("migration-failed", f"{revision} failed: column exists")
            self._keep(revision)
            self.scene.schema = revision

    def _keep(self, revision: str) -> None:
        """Keep that a revision ran."""
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.scene.seconds)
        ended = at + timedelta(seconds=0.2)
        ran = MigrationRun(revision=revision, direction="up", began_at=at, ended_at=ended, attempts=1)
        self.scene.standing = replace(self.scene.standing, runs=(ran, *self.scene.standing.runs))
