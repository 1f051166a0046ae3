"""An environment's physical backups, and its WAL archive."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gonogo.adapters.physical import chains, places, recovering, routing, server, taking, verifying, wal
from gonogo.model import (
    MANIFEST,
    Archiver,
    BackupPolicy,
    PhysicalBackup,
    Recovered,
    RecoveryRoute,
    RecoveryWish,
    Secret,
    WalFacts,
    WalRun,
)


class PhysicalBackups:
    """Physical backups in one folder, a folder each."""

    def __init__(self, url: Secret, *, folder: Path, policy: BackupPolicy) -> None:
        """Prepare; nothing is contacted, and no folder made yet."""
        self._url = url
        self._folder = folder
        self._policy = policy

    def take(self, name: str) -> tuple[PhysicalBackup, str]:
        """Take a backup, and return what its manifest says and why it is a full one; empty for an incremental one.

        Raises:
            NoGoError: the server is not set up for it, with all that has to be changed.
            RefusedError: it could not be taken; nothing is left of it.
            UnreachableError: the database was not there, or not there any more.
        """
        taken = taking.take(self._url, self._folder, name, self._policy)
        return taken.backup, taken.reason

    def names(self) -> tuple[str, ...]:
        """Return the names of all backups, oldest first."""
        return chains.names(self._folder)

    def has(self, name: str) -> bool:
        """Return whether there is a backup of that name, whole or not."""
        return (self._folder / name).is_dir()

    def all(self) -> tuple[PhysicalBackup, ...]:
        """Return the backups whose manifests can be read, oldest first."""
        return tuple(chains.readable(self._folder))

    def verify(self, name: str) -> tuple[str, ...]:
        """Return all that is wrong with a backup and what it builds on."""
        return verifying.problems(self._folder, name, datetime.now(UTC))

    def try_out(self, name: str) -> tuple[str, ...]:
        """Build a data folder from a backup, start it once, and return what is wrong; nothing of it is left."""
        return recovering.try_out(self._folder, name, self._url)

    def archiver(self) -> Archiver:
        """Return what the server says of its archiving."""
        return server.archiver(self._url)

    def wal(self, archiver: Archiver | None, *, is_read: bool) -> WalFacts | None:
        """Return what the WAL archive holds; None where there is none.

        Args:
            archiver: what the server says; None when it was not asked.
            is_read: whether each file is read to its end.

        Raises:
            RefusedError: it cannot be looked into.
        """
        if self._policy.wal is None:
            return None
        archive = wal.read(self._policy.wal)
        known = self.all()
        size = (archiver or Archiver()).segment_bytes if not known else known[-1].segment_bytes
        runs = wal.runs(archive, size)
        problems = [*wal.gaps(runs, archive, size), *_of_archiver(archiver, archive), *_of_backups(known, runs)]
        if is_read:
            problems += [words for _, words in wal.unreadable(archive, sorted(archive.files), size)]
        return WalFacts(folder=self._policy.wal, runs=runs, archiver=archiver, problems=tuple(problems))

    def route(self, wish: RecoveryWish) -> RecoveryRoute:
        """Return how a recovery would go.

        Raises:
            RefusedError: it cannot.
        """
        found = routing.route(self._folder, self._policy.wal, wish)
        routing.refuse_without_room(found, wish.into)
        return found

    def recover(self, wish: RecoveryWish) -> Recovered:
        """Build a data folder, start it once, hold it against what is known, and leave it stopped.

        Raises:
            RefusedError: it cannot be built, or is not what it should be; nothing is left of it.
        """
        return recovering.recover(self._folder, self._policy.wal, wish, self._url)

    def where(self, backup: str) -> Path:
        """Return a backup's manifest, or where it would be."""
        return self._folder / backup / MANIFEST


def _of_archiver(archiver: Archiver | None, archive: wal.Archive) -> Iterator[str]:
    """Yield what is wrong with a server's archiving."""
    if archiver is None:
        return
    yield from archiver.problems
    if archiver.failed_at and (archiver.last_at is None or archiver.failed_at > archiver.last_at):
        yield (
            f"the server cannot archive {archiver.failed_wal} since {archiver.failed_at:%Y-%m-%dT%H:%M:%SZ}: "
            "its log says why; it keeps its WAL meanwhile, until its disk is full"
        )
    last = archiver.last_wal
    if places.SEGMENT.fullmatch(last) and last not in archive.files:
        yield f"the server says that it has archived {last}, which is not there: is this the right folder?"


def _of_backups(known: tuple[PhysicalBackup, ...], runs: tuple[WalRun, ...]) -> Iterator[str]:
    """Yield when WAL after the newest backup is missing from its beginning."""
    if not known or not runs:
        return
    last = known[-1]
    needed = places.file_name(last.timeline, places.last_number(last.stop_lsn, last.segment_bytes), last.segment_bytes)
    after = [each for each in runs if each.last >= needed and places.timeline_of(each.first) == last.timeline]
    if after and after[0].first > needed:
        yield f"{needed} is not in the archive: nothing after {last.name} can be recovered with it"
