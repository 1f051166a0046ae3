"""Secrets in memory: who makes them, who takes them, who uses which, and what is kept of them."""

from gonogo import credentials
from gonogo.errors import RefusedError
from gonogo.model import Pair, Secret, SecretsSeen, WorkerSecrets
from gonogo.testing.state import API, WORKER, Fake


class MemorySafe(Fake):
    """A safe that forgets nothing by itself."""

    def pair(self, release_id: str) -> Pair | None:
        """Return what was kept for a rotation."""
        return self.scene.kept.get(release_id)

    def keep(self, release_id: str, pair: Pair) -> None:
        """Keep a rotation's values."""
        with self.scene.effect("safe.keep", release_id):
            self.scene.kept[release_id] = pair

    def forget(self, release_id: str) -> None:
        """Keep them no more."""
        with self.scene.effect("safe.forget", release_id):
            self.scene.kept.pop(release_id, None)

    def own(self, variable: str) -> Secret | None:
        """Return one of the operator's own values."""
        found = self.scene.owned.get(variable)
        return Secret(variable, found) if found else None

    def change_own(self, variable: str, value: Secret) -> None:
        """Replace one of them."""
        with self.scene.effect("safe.change_own", variable):
            self.scene.owned[variable] = value.reveal()


class MemoryIssuers(Fake):
    """Issuers that take what the scene says is taken; of a list the service takes what it was told."""

    def makes(self, name: str) -> bool:
        """Return whether a new value is made without a person."""
        return not credentials.KINDS[name].by_hand

    def problems(self, name: str, old: Secret) -> tuple[str, ...]:
        """Return none."""
        del name, old
        return ()

    def draft(self, name: str, old: Secret) -> Secret | None:
        """Return a new value, the same each time."""
        return Secret(old.name, f"new-{name}-0123456789")

    def admit(self, name: str, pair: Pair, tag: str) -> Secret:
        """Take the new value."""
        del tag
        with self.scene.effect("issuers.admit", name):
            if not credentials.KINDS[name].by_list:
                self.scene.taken.add(pair.coming.reveal())
        return pair.coming

    def accepts(self, name: str, value: Secret) -> bool:
        """Return whether a value is taken."""
        kind = credentials.KINDS[name]
        if kind.by_list:
            return value.reveal() in self.scene.running.get((API, kind.variable), "").split(",")
        return value.reveal() in self.scene.taken

    def hand_over(self, name: str, pair: Pair) -> None:
        """Have the new one shown."""
        with self.scene.effect("issuers.hand_over", name):
            self.scene.shown[name] = pair.coming.reveal()

    def hand_back(self, name: str, pair: Pair) -> None:
        """Have the old one shown."""
        with self.scene.effect("issuers.hand_back", name):
            self.scene.shown[name] = pair.old.reveal()

    def users(self, name: str, value: Secret) -> int:
        """Return how many applications run with a value that is a login."""
        variable = credentials.KINDS[name].variable
        return sum(found == value.reveal() for (_, key), found in self.scene.running.items() if key == variable)

    def retire(self, name: str, pair: Pair) -> None:
        """Take the old one no more."""
        with self.scene.effect("issuers.retire", name):
            self.scene.taken.discard(pair.old.reveal())

    def withdraw(self, name: str, pair: Pair, tag: str) -> None:
        """Take the new one no more."""
        del tag
        with self.scene.effect("issuers.withdraw", name):
            self.scene.taken.discard(pair.new.reveal() if pair.new else "")


class MemoryUsage(Fake):
    """The service, which says which secrets it uses."""

    def secrets(self) -> SecretsSeen:
        """Return them.

        Raises:
            RefusedError: it has no key to say it with.
        """
        scene = self.scene
        key = scene.running.get((API, credentials.KEY))
        if not key:
            raise RefusedError("secrets-untold", "the service keys its fingerprints with nothing")
        scene.looks += 1
        shown = {app: _shown(scene.running, app, Secret(credentials.KEY, key)) for app in (API, WORKER)}
        workers = tuple(
            WorkerSecrets(id=beat.id, state=beat.state, age_s=beat.age_s, secrets=shown[WORKER])
            for beat in scene.at_work()
        )
        replica = scene.replicas[scene.looks % len(scene.replicas)]
        return SecretsSeen(replica=replica, secrets=shown[API], workers=workers)


def _shown(running: dict[tuple[str, str], str], app: str, key: Secret) -> dict[str, str]:
    """Return the fingerprints of what an application runs with."""
    own = {variable: value for (uuid, variable), value in running.items() if uuid == app}
    return {each: credentials.fingerprint(each, Secret(each, value), key) for each, value in own.items()}
