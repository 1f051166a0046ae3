"""The databases of a server, in memory: restored, switched, and a second place for backups."""

import shutil
from pathlib import Path

from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Backup, Checkout, Copy, Restoring, Shelf
from gonogo.testing.state import Fake


class MemoryRestores(Fake):
    """Databases that have a name and a mark."""

    def shelves(self) -> tuple[Shelf, ...]:
        """Return the scene's."""
        self.scene.reach("database")
        return tuple(
            Shelf(name=name, owner="u", size_bytes=1000, mark=mark, sessions=int(name == "d"))
            for name, mark in sorted(self.scene.shelves.items())
        )

    def obstacles(self, restoring: Restoring) -> tuple[str, ...]:
        """Return the scene's."""
        del restoring
        return self.scene.obstacles

    def restore(self, restoring: Restoring, release_id: str) -> None:
        """Fill one, and then give it its name."""
        with self.scene.effect("restores.fill", restoring.backup):
            self.scene.shelves[f"gonogo_restoring_{release_id}"] = ""
        with self.scene.effect("restores.name", restoring.into):
            if restoring.into in self.scene.shelves:
                raise RefusedError("database-exists", f"there is a database {restoring.into} already")
            del self.scene.shelves[f"gonogo_restoring_{release_id}"]
            self.scene.shelves[restoring.into] = f"restored {release_id}"
            self.scene.raised[release_id] = self.scene.backups[restoring.backup].schema_revision or ""

    def bring_up(self, release_id: str, checkout: Checkout, revision: str) -> None:
        """Move its revision."""
        del checkout
        with self.scene.effect("restores.migrate", revision):
            self.scene.raised[release_id] = revision

    def revision(self, release_id: str) -> str | None:
        """Return its revision."""
        return self.scene.raised.get(release_id)

    def drop(self, release_id: str) -> None:
        """Drop what is half made."""
        if f"gonogo_restoring_{release_id}" in self.scene.shelves:
            with self.scene.effect("restores.drop", release_id):
                del self.scene.shelves[f"gonogo_restoring_{release_id}"]

    def switch(self, restoring: Restoring, release_id: str) -> None:
        """Exchange two names."""
        with self.scene.effect("restores.switch", restoring.into):
            self._exchange(restoring.served, restoring.into, restoring.former, (f"served {release_id}", "former"))

    def switch_back(self, restoring: Restoring, release_id: str) -> None:
        """Exchange them again, where they were."""
        if self.scene.shelves.get(restoring.served) == f"served {release_id}":
            with self.scene.effect("restores.back", restoring.former):
                marks = ("returned", f"restored {release_id}")
                self._exchange(restoring.served, restoring.former, restoring.into, marks)

    def _exchange(self, served: str, to: str, aside: str, marks: tuple[str, str]) -> None:
        if to not in self.scene.shelves:
            raise RefusedError("database-gone", f"there is no database {to}")
        del self.scene.shelves[to], self.scene.shelves[served]
        self.scene.shelves.update({served: marks[0], aside: marks[1]})


class MemoryVault:
    """A second place in a folder of its own, without encryption.

    Attributes:
        is_away: whether it does not answer.
    """

    def __init__(self, folder: Path) -> None:
        """Prepare; the folder is this place's own."""
        self._folder = folder
        self._known: dict[str, Copy] = {}
        self.is_away = False

    def push(self, backup: Backup) -> Copy:
        """Store a copy; one that is there already is left alone."""
        self._reach()
        whole, part = self._folder / backup.name, self._folder / f".{backup.name}.part"
        if not whole.exists():
            shutil.copytree(backup.manifest.parent, part)
            part.rename(whole)
        return self._copy(backup)

    def copies(self) -> tuple[Copy, ...]:
        """Return every copy, oldest first."""
        self._reach()
        return tuple(sorted(self._known.values(), key=lambda each: each.taken_at))

    def fetch(self, copy: Copy, folder: Path) -> Path:
        """Bring a copy into a folder."""
        self._reach()
        if not (self._folder / copy.key).is_dir():
            raise RefusedError("copy-gone", f"there is no copy {copy.key}")
        return Path(shutil.copytree(self._folder / copy.key, folder / copy.name))

    def remove(self, copy: Copy) -> None:
        """Remove a copy."""
        self._reach()
        shutil.rmtree(self._folder / copy.key, ignore_errors=True)
        self._known.pop(copy.name, None)

    def _copy(self, backup: Backup) -> Copy:
        copy = Copy(
            name=backup.name,
            key=backup.name,
            taken_at=backup.taken_at or backup.finished_at,  # type: ignore[arg-type]  # a folder says both
            size_bytes=backup.size_bytes,
            sha256=backup.sha256,
            schema_revision=backup.schema_revision,
        )
        self._known[copy.name] = copy
        return copy

    def _reach(self) -> None:
        if self.is_away:
            raise UnreachableError("vault-unreachable", "the second place does not answer")
