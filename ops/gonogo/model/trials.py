"""The records of a trial: pending migrations run on a restored copy, watched, taken back, and lived with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gonogo.model.backups import Backup
from gonogo.model.observed import Checkout, Revision


class LockMode(StrEnum):
    """PostgreSQL's table locks, weakest first."""

    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    @property
    def blocks_reads(self) -> bool:
        """Return whether nobody can read meanwhile."""
        return self is LockMode.ACCESS_EXCLUSIVE

    @property
    def blocks_writes(self) -> bool:
        """Return whether nobody can write meanwhile."""
        return self in _STOPS_WRITERS


_STOPS_WRITERS = {LockMode.SHARE, LockMode.SHARE_ROW_EXCLUSIVE, LockMode.EXCLUSIVE, LockMode.ACCESS_EXCLUSIVE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A lock that a revision held on a relation which was there before it.

    Attributes:
        relation: `schema.name`.
        began_s: when it was taken, seconds since the revision began.
        ended_s: when it was given back.
        statement: the SQL that took it.
        line: the line of the revision that sent it; 0 when that is not known.
    """

    relation: str
    mode: LockMode
    began_s: float
    ended_s: float
    statement: str = ""
    line: int = 0

    @property
    def seconds(self) -> float:
        """Return how long it was held."""
        return self.ended_s - self.began_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Stall:
    """What the load beside a revision waited for one relation.

    Attributes:
        need: `read` or `write`.
        sessions: how many sessions of the load waited at the same time, at most.
        longest_s: the longest that one of them waited.
    """

    relation: str
    need: str
    sessions: int
    longest_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewrite:
    """A table or index that a revision wrote anew.

    Attributes:
        bytes: of the new file.
    """

    relation: str
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Traced:
    """One revision, as it was watched.

    Attributes:
        revision: Alembic's revision id.
        seconds: from its first statement to its commit.
        growth_bytes: by how much the database grew.
        problem: why it failed on the copy; empty when it did not.
    """

    revision: str
    seconds: float
    holds: tuple[Hold, ...] = ()
    stalls: tuple[Stall, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    growth_bytes: int = 0
    problem: str = ""


class Climb(StrEnum):
    """What became of going down a revision and up again."""

    OK = "ok"
    NO_DOWNGRADE = "no-downgrade"
    LEAVES_TRACES = "leaves-traces"
    FAILS = "fails"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """Values that are gone.

    Attributes:
        relation: `schema.table`.
        column: which one; empty for whole rows.
        values: how many that were not NULL.
    """

    relation: str
    column: str
    values: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Climbed:
    """One revision, taken back and applied again on the copy: a stair.

    Attributes:
        differences: what the schema has or lacks after the way down, or after the way up again, a line each.
        lost_up: values of the copy that the upgrade took away.
        lost_down: values that the downgrade takes away: of what the revision brought, and of what came before.
        problem: why a direction failed; empty when none did.
    """

    revision: str
    climb: Climb
    differences: tuple[str, ...] = ()
    lost_up: tuple[Lost, ...] = ()
    lost_down: tuple[Lost, ...] = ()
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlived:
    """Whether an earlier release runs on the newer schema (N-1).

    Attributes:
        commit: the earlier release's.
        runs: None when it could not be tried; `why` says it.
        failed: what it could not do any more, a sentence each; of what it could do on its own schema.
        why: why it was not tried.
        excused: the reason of the exception that lets failures pass; empty when there is none.
        notes: what a person should know beside that: what may fail, what failed before, what was not looked at.
    """

    commit: str
    runs: bool | None
    failed: tuple[str, ...] = ()
    why: str = ""
    excused: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialWish:
    """What is to be tried.

    Attributes:
        checkout: the target, with the migrations.
        previous: the release that runs now; None when nobody knows, and N-1 is not tried.
        backup: what the copy is restored from; None begins with the empty schema at `start`.
        start: the revision of the copy.
        pending: what is applied to it, oldest first.
        scratch: the copy's name on the scratch server; it carries our mark.
    """

    checkout: Checkout
    pending: tuple[Revision, ...]
    scratch: str
    start: str | None = None
    previous: Checkout | None = None
    backup: Backup | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What came of trying pending migrations on a copy.

    Attributes:
        at: when, aware UTC.
        backup: the name of the backup; empty for an empty database.
        server_version: of the scratch server, as PostgreSQL says it.
        database_bytes: of the copy, before the first revision.
        traced: a revision each, in order; it ends at one that failed.
        climbed: the same revisions, newest first.
        notes: what could not be tried, and why; a sentence each.
    """

    at: datetime
    backup: str
    server_version: str
    database_bytes: int
    traced: tuple[Traced, ...]
    climbed: tuple[Climbed, ...] = ()
    outlived: Outlived | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """How long a revision took, beside how long its trial said that it would.

    Attributes:
        predicted_s: None where no trial was held.
        took_s: None where the database keeps no record of it.
        attempts: how often it was begun; 0 where nobody knows.
        release_id: the release that applied it; empty within its own report.
    """

    revision: str
    predicted_s: float | None
    took_s: float | None
    attempts: int = 0
    release_id: str = ""


class Letter(StrEnum):
    """What going back over a revision takes, from the least to the most."""

    IMAGE_ONLY = "A"
    SCHEMA_TOO = "B"
    FORWARD_ONLY = "C"
    RESTORE_POINT = "D"


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """The class of one revision.

    Attributes:
        reasons: what it follows from, a sentence each.
        is_measured: whether it follows from a trial; else it is believed, by declarations and SQL alone.
    """

    revision: str
    letter: Letter
    reasons: tuple[str, ...]
    is_measured: bool = False
