"""What a physical backup is: a copy of a whole cluster's files, a chain of them, and the WAL between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gonogo.model.backups import BackupFile


@dataclass(frozen=True, kw_only=True, slots=True)
class PhysicalBackup:
    """A cluster's files, all of them or those that have changed since another backup.

    Attributes:
        manifest: the manifest's path; the files are in `data` beside it.
        kind: `full` or `incremental`.
        parent: the backup that an incremental one builds on.
        parent_sha256: of the parent's manifest.
        taken_at: when it was begun; what was committed before is in it.
        finished_at: when the last file was written; what was committed after is not in it.
        cluster_bytes: the size of all databases of the cluster.
        sha256: of the list of its files with theirs.
        start_lsn: where the WAL that it needs begins.
        stop_lsn: where the WAL that it needs ends: nothing before can be recovered.
        segment_bytes: the size of a WAL file.
        database: the environment's; `schema_revision` and `rows` are of it.
        rows: rows per table, shortly before it was begun; None for a table that is too big to count.
        settled_at: the transaction up to which all had ended when they were counted; None when some had not.
        folders: those that hold no file; a server needs them.
    """

    manifest: Path
    kind: str
    parent: str | None
    parent_sha256: str | None
    taken_at: datetime
    finished_at: datetime
    size_bytes: int
    cluster_bytes: int
    sha256: str
    server_version: str
    system_identifier: str
    timeline: int
    start_lsn: int
    stop_lsn: int
    segment_bytes: int
    database: str
    schema_revision: str | None
    rows: Mapping[str, int | None]
    settled_at: int | None
    files: tuple[BackupFile, ...]
    folders: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name that it was taken under."""
        return self.manifest.parent.name

    @property
    def data(self) -> Path:
        """Return the folder with the cluster's files."""
        return self.manifest.parent / "data"

    @property
    def major(self) -> int:
        """Return the server's major version."""
        return int(self.server_version.partition(".")[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class WalRun:
    """WAL files of one timeline without a gap between them.

    Attributes:
        first: the first one's name.
        last: the last one's name.
        count: how many.
    """

    first: str
    last: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Archiver:
    """What a server says of its archiving.

    Attributes:
        last_wal: the last file that it archived; empty for none.
        last_at: when.
        failed_wal: the last file that it could not archive; empty for none.
        failed_at: when.
        problems: settings that keep it from archiving.
        segment_bytes: the size of its WAL files.
    """

    last_wal: str = ""
    last_at: datetime | None = None
    failed_wal: str = ""
    failed_at: datetime | None = None
    problems: tuple[str, ...] = ()
    segment_bytes: int = 16 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class WalFacts:
    """What the WAL archive holds.

    Attributes:
        folder: the archive.
        runs: by timeline, files without a gap; two of one timeline have a gap between them.
        archiver: what the server says; None when it was not asked.
        problems: all that is wrong, a sentence each.
    """

    folder: Path
    runs: tuple[WalRun, ...]
    archiver: Archiver | None
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Where a recovery is to end: one of the three, or with none of them at the end of all WAL.

    Attributes:
        at: a time; what was committed until then is there.
        lsn: a place in the WAL.
        is_backup: at the end of the backup, without any other WAL.
    """

    at: datetime | None = None
    lsn: int | None = None
    is_backup: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryWish:
    """What is to be recovered.

    Attributes:
        into: the data folder to make; not there, or empty.
        name: the last backup of the chain; empty for the newest that ends before the moment.
        timeline: zero for the newest.
    """

    into: Path
    moment: Moment
    name: str = ""
    timeline: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryRoute:
    """How a recovery would go.

    Attributes:
        chain: the backups that are put together, the full one first.
        wal: the WAL files that are replayed after the last of them, in order.
        reason: why the WAL ends there, where more was to be expected; empty where none was.
        needed_bytes: what it takes on the disk.
    """

    chain: tuple[PhysicalBackup, ...]
    wal: tuple[str, ...]
    reason: str
    needed_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """A data folder that was built, and started once.

    Attributes:
        reached_lsn: up to where WAL was replayed.
        reached_at: when the last transaction in it was committed; None where none was replayed.
        timeline: the new one.
        rows: per table, in the environment's database.
        is_compared: whether nothing had changed since the manifest's rows were counted, so that they had to be equal.
        account: whom the files belong to, by user and group number.
        took_s: all of it.
    """

    into: Path
    chain: tuple[str, ...]
    system_identifier: str
    reached_lsn: int
    reached_at: datetime | None
    timeline: int
    schema_revision: str | None
    rows: Mapping[str, int | None]
    is_compared: bool
    account: tuple[int, int]
    took_s: float
