"""What a backup is: its files, and what was in the database when it was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# The manifest of a backup that is a folder.
MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupFile:
    """A file of a backup, as the manifest says.

    Attributes:
        path: below the backup's folder.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableContent:
    """What one table held.

    Attributes:
        digest: the sum of its rows' hashes: the same for the same rows in any order.
    """

    schema: str
    name: str
    owner: str
    rows: int
    digest: str

    @property
    def label(self) -> str:
        """Return its name with its schema; quoted where a dot would make it ambiguous."""
        parts = (self.schema, self.name)
        return ".".join(f'"{each}"' if "." in each else each for each in parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What was in a database.

    Attributes:
        large_objects: how many, and the digest of all of them.
        sequences: by name, the last value before and after the dump: they are no part of a snapshot.
        extensions: versions by name.
        roles: owners, grantees and the groups that they are in; of a restored copy: all of the server's.
        memberships: member and group.
        objects: how many of each kind.
    """

    database: str
    server_version: str
    encoding: str
    schema_revision: str | None
    tables: tuple[TableContent, ...]
    large_objects: tuple[int, str]
    sequences: Mapping[str, tuple[int | None, int | None]]
    extensions: Mapping[str, str]
    roles: tuple[str, ...]
    memberships: tuple[tuple[str, str], ...]
    objects: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A dump and its manifest.

    Attributes:
        dump: the dump's path: a folder, or the one file of a backup from before there were folders.
        manifest: the manifest's path.
        sha256: the dump's digest as the manifest says; of a folder: of the list of its files with theirs.
        size_bytes: the size of all files as the manifest says.
        server_version: the server that was dumped, major.minor.
        schema_revision: Alembic's revision in the dump.
        row_counts: rows per table, `schema.table`.
        taken_at: the moment whose data it holds; None where the manifest does not say.
        finished_at: when the last file was written; None for an old one.
        client_version: of the pg_dump that wrote it; empty for an old one.
        files: every file but the manifest and the list of sums; none for an old one.
        contents: what was in the database; None for an old one, which says rows only.
    """

    dump: Path
    manifest: Path
    sha256: str
    size_bytes: int
    server_version: str
    schema_revision: str | None
    row_counts: Mapping[str, int]
    taken_at: datetime | None = None
    finished_at: datetime | None = None
    client_version: str = ""
    files: tuple[BackupFile, ...] = ()
    contents: Contents | None = None

    @property
    def name(self) -> str:
        """Return the name that it was taken under."""
        return self.manifest.parent.name if self.manifest.name == MANIFEST else self.manifest.stem


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A backup's copy at another place, whole and encrypted.

    Attributes:
        name: the backup's.
        key: where it is, below the place's prefix.
        taken_at: the moment whose data it holds.
        size_bytes: of all that is stored.
        sha256: of what is stored, as it is stored.
        schema_revision: Alembic's revision in it.
    """

    name: str
    key: str
    taken_at: datetime
    size_bytes: int
    sha256: str
    schema_revision: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Restoring:
    """What a restore does to the databases of an environment's server.

    Attributes:
        backup: what is restored; empty where only the databases are switched.
        is_offsite: whether its copy at the second place is used.
        into: the database that it is restored into, or that is to be served.
        served: the name that the service knows its database by.
        former: what the database that is served now is called after the switch; empty where nothing is switched.
        accepted: why the service may not be ready on it after the switch; empty where it must be.
    """

    backup: str
    is_offsite: bool
    into: str
    served: str
    former: str = ""
    accepted: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseSeen:
    """A database of an environment's server, and what it says of itself.

    Attributes:
        mark: what a restore wrote on it, `WHAT RELEASE`; empty for one that none has made or switched.
        sessions: how many programs are connected to it.
    """

    name: str
    owner: str
    size_bytes: int
    mark: str = ""
    sessions: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """A backup that was fetched, restored, compared and used, as if all else were lost.

    Attributes:
        drill_id: sortable by time.
        backup: the backup's name.
        taken_at: the moment whose data it holds.
        is_offsite: whether the copy at the other place was used, else the one on this machine.
        commit: the release whose API was started on it; empty where none was.
        problems: all that was wrong, a sentence each; none for a good one.
        rpo_s: how old the data was when the drill began: what would have been lost.
        rto_s: from the start of the drill until the smoke suite had passed.
    """

    drill_id: str
    environment: str
    backup: str
    taken_at: datetime | None
    is_offsite: bool
    started_at: datetime
    ended_at: datetime
    schema_revision: str | None
    commit: str = ""
    problems: tuple[str, ...] = ()
    rpo_s: float = 0.0
    rto_s: float = 0.0

    @property
    def is_good(self) -> bool:
        """Return whether it proves the backup."""
        return not self.problems
