"""The databases of a server, in memory: restored, and switched."""

from gonogo.errors import RefusedError
from gonogo.model import Checkout, DatabaseSeen, Restoring
from gonogo.testing.state import Fake


class MemoryRestores(Fake):
    """Databases that have a name and a mark."""

    def databases(self) -> tuple[DatabaseSeen, ...]:
        """Return the scene's."""
        self.scene.reach("database")
        return tuple(
            DatabaseSeen(name=name, owner="u", size_bytes=1000, mark=mark, sessions=int(name == "d"))
            for name, mark in sorted(self.scene.databases.items())
        )

    def obstacles(self, restoring: Restoring) -> tuple[str, ...]:
        """Return the scene's."""
        del restoring
        return self.scene.obstacles

    def restore(self, restoring: Restoring, release_id: str) -> None:
        """Fill one, and then give it its name."""
        with self.scene.effect("restores.fill", restoring.backup):
            self.scene.databases[f"gonogo_restoring_{release_id}"] = ""
        with self.scene.effect("restores.name", restoring.into):
            if restoring.into in self.scene.databases:
                raise RefusedError("database-exists", f"there is a database {restoring.into} already")
            del self.scene.databases[f"gonogo_restoring_{release_id}"]
            self.scene.databases[restoring.into] = f"restored {release_id}"
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
        if f"gonogo_restoring_{release_id}" in self.scene.databases:
            with self.scene.effect("restores.drop", release_id):
                del self.scene.databases[f"gonogo_restoring_{release_id}"]

    def switch(self, restoring: Restoring, release_id: str) -> None:
        """Exchange two names."""
        with self.scene.effect("restores.switch", restoring.into):
            self._exchange(restoring.served, restoring.into, restoring.former, (f"served {release_id}", "former"))

    def switch_back(self, restoring: Restoring, release_id: str) -> None:
        """Exchange them again, where they were."""
        if self.scene.databases.get(restoring.served) == f"served {release_id}":
            with self.scene.effect("restores.back", restoring.former):
                marks = ("returned", f"restored {release_id}")
                self._exchange(restoring.served, restoring.former, restoring.into, marks)

    def _exchange(self, served: str, to: str, aside: str, marks: tuple[str, str]) -> None:
        if to not in self.scene.databases:
            raise RefusedError("database-gone", f"there is no database {to}")
        del self.scene.databases[to], self.scene.databases[served]
        self.scene.databases.update({served: marks[0], aside: marks[1]})
