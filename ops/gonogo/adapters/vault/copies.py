"""Copies of an environment's backups at one place: pushed, listed, fetched, looked at and removed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import obstore
from filelock import FileLock, Timeout

from gonogo.adapters.vault import index, packing, receiving, sealing, stores, survey
from gonogo.adapters.vault.index import Index, Subject
from gonogo.adapters.vault.packing import Unpacked
from gonogo.adapters.vault.uploads import Uploads, machine
from gonogo.errors import LockHeldError, RefusedError, UsageError
from gonogo.model import Backup, Copy, Offsite

# One object of a copy.
PART_BYTES = 16 << 20


class ObjectVault:
    """Copies in an object store.

    A copy is a row of parts under a name that no other upload has, and one index, written last and only where there is
    none. No index, no copy: an upload that was killed is parts without one, which the next push removes.
    """

    def __init__(
        self,
        offsite: Offsite,
        environment: str,
        *,
        locks: Path,
        now: Callable[[], datetime],
        store: stores.Store | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            offsite: the place, and the keys.
            environment: whose backups.
            locks: a folder on this machine; two pushes from here do not meet.
            now: the time.
            store: the place itself, where it is not opened by its address.
            part_bytes: how big one object is.
        """
        self._offsite, self._environment, self._locks, self._now = offsite, environment, locks, now
        self._given, self._part_bytes = store, part_bytes

    def push(self, backup: Backup) -> Copy:
        """Store an encrypted copy, and return it once it is whole there; one that is there already is not sent again.

        Raises:
            UsageError: no recipients are set, or they are none.
            LockHeldError: another push is at work on this machine.
            RefusedError: the place refuses it, or the backup is not what its manifest says.
            UnreachableError: the place does not answer; nothing that looks like a copy is left.
        """
        keys, subject = sealing.recipients(self._offsite.recipients), self._subject(backup)
        with self._alone(), self._asked() as store:
            uploads = Uploads(
                store=store,
                where=self._offsite.url,
                environment=self._environment,
                machine=machine(self._locks),
                now=self._now,
                part_bytes=self._part_bytes,
            )
            return uploads.copied(backup, subject, keys).copy

    def copies(self) -> tuple[Copy, ...]:
        """Return every whole copy, oldest first.

        Raises:
            UnreachableError: the place does not answer.
        """
        with self._asked() as store:
            return tuple(each.copy for each in survey.taken(store, self._environment, self._now()).whole)

    def broken(self) -> tuple[tuple[str, str], ...]:
        """Return what was meant to be a copy and is none: its key, and why.

        Raises:
            UnreachableError: the place does not answer.
        """
        with self._asked() as store:
            return tuple(survey.taken(store, self._environment, self._now()).broken.items())

    def fetch(self, copy: Copy, folder: Path) -> Path:
        """Decrypt a copy into a folder, and return the backup's folder in it, which is whole or not there.

        Raises:
            UsageError: there is no key, or something of that name is there already.
            RefusedError: it is not what was stored, or no key fits.
            UnreachableError: the place does not answer.
        """
        keys, goal = sealing.identities(self._offsite.identity), folder / copy.name
        if goal.exists():
            raise UsageError("already-there", f"{goal} is there already", hint="name another folder with --into")
        _made(folder)
        with _held(folder / ".fetch.lock", "a fetch into this folder"), self._asked() as store:
            for left in folder.glob(".*.fetch"):
                shutil.rmtree(left)
            found = self._index(store, copy)
            self._has_room(found, folder)
            aside = folder / f".{copy.name}.fetch"
            aside.mkdir(mode=0o700)
            try:
                unpacked = self._unpacked(store, found, keys, aside)
                unpacked.folder.rename(goal)
                packing.sync(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        return goal

    def verify(self, copy: Copy) -> tuple[str, ...]:
        """Return all that is wrong with a copy that can be seen without a key: each part is read to its end.

        Raises:
            UnreachableError: the place does not answer.
        """
        with self._asked() as store:
            try:
                with receiving.parts(store, self._index(store, copy)) as parts:
                    for _ in parts:
                        pass
            except RefusedError as error:
                return (error.message,)
        return ()

    def remove(self, copy: Copy) -> None:
        """Remove a copy; what is left of it after a failure does not look like one.

        Raises:
            RefusedError: the key may not delete there.
            UnreachableError: the place does not answer.
        """
        with self._asked() as store:
            with suppress(FileNotFoundError):
                obstore.delete(store, copy.key)
            stem = copy.key.removesuffix(index.SUFFIX)
            folder, _, _ = copy.key.rpartition("/")
            parts = [key for key in stores.listed(store, f"{folder}/") if key.startswith(f"{stem}.")]
            stores.removed(store, [key for key in parts if key != copy.key])

    def _subject(self, backup: Backup) -> Subject:
        """Return what a copy of a backup is of."""
        try:
            return index.subject(self._environment, backup, packing.size(backup))
        except ValueError as error:
            raise RefusedError("backup-not-copied", str(error), hint="invoke backup.run") from None
        except OSError as error:
            message = f"{backup.name} cannot be read: {error.strerror}"
            raise RefusedError("backup-corrupt", message, where=str(error.filename)) from None

    @contextmanager
    def _asked(self) -> Iterator[stores.Store]:
        """Give the place, and say in words what it refuses."""
        with stores.asked(self._offsite.url):
            yield self._given or stores.opened(self._offsite)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold that no other push is at work on this machine."""
        self._locks.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(self._locks / f"vault-{self._environment}.lock", f"a push of {self._environment}"):
            yield

    def _index(self, store: stores.Store, copy: Copy) -> Index:
        """Return a copy's index as it is now.

        Raises:
            RefusedError: it is not the one that was listed.
        """
        folder, _, _ = copy.key.rpartition("/")
        there = stores.listed(store, f"{folder}/")
        found = survey.found(store, copy.key, there, self._now()) if copy.key in there else "its index is gone"
        if isinstance(found, Index) and found.copy != copy:
            found = "its index is not the one that was listed: it was changed or swapped"
        if isinstance(found, str):
            raise RefusedError(
                "copy-corrupt", f"the copy of {copy.name} is not to be relied on: {found}", where=copy.key
            )
        return found

    def _has_room(self, found: Index, folder: Path) -> None:
        """Hold that a backup fits onto the disk."""
        free, needed = shutil.disk_usage(folder).free, found.subject.plain_bytes
        if free < needed:
            raise RefusedError("disk-full", f"{needed:,} bytes are needed, {free:,} are free", where=str(folder))

    def _unpacked(self, store: stores.Store, found: Index, keys: sealing.Identities, aside: Path) -> Unpacked:
        """Write a copy's files, and hold them against its index and their manifest."""
        name = found.subject.name
        try:
            with receiving.parts(store, found) as parts:
                unpacked = receiving.opened(
                    parts, keys, aside, lambda error: sealing.refused(error, name, self._offsite.identity)
                )
        except OSError as error:
            raise RefusedError(
                "disk-full", f"{name} cannot be written: {error.strerror}", where=str(aside.parent)
            ) from None
        if unpacked.subject != found.subject:
            inside, outside = (
                f"{each.name} of {each.environment} from {each.taken_at}" for each in (unpacked.subject, found.subject)
            )
            raise RefusedError("copy-swapped", f"the index says {outside}; what is in the copy is {inside}")
        if told := packing.problems(unpacked):
            raise RefusedError("copy-corrupt", f"the copy of {name} is not to be relied on: {'; '.join(told[:5])}")
        return unpacked


def _made(folder: Path) -> None:
    """Make the folder that a backup is fetched into, where it is not there yet.

    Raises:
        UsageError: it cannot be, or nothing may be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / ".fetch.lock").touch(mode=0o600)
    except OSError as error:
        message = f"{folder} cannot be written to: {error.strerror}"
        raise UsageError("folder-unusable", message, hint="name another folder with --into") from None


@contextmanager
def _held(path: Path, what: str) -> Iterator[None]:
    """Hold a lock of this machine's; it ends with the process."""
    try:
        with FileLock(path, timeout=0):
            yield
    except Timeout:
        raise LockHeldError("busy", f"{what} is at work already", where=str(path)) from None
