"""The records of how a database's schema stands: what ran, what is half done, who would be in the way."""

from dataclasses import dataclass
from datetime import datetime

from gonogo.model.trials import LockMode


@dataclass(frozen=True, kw_only=True, slots=True)
class MigrationRun:
    """One run of a revision, as the runner wrote it down in the database.

    Attributes:
        direction: `up` or `down`.
        ended_at: None for one that did not come to its end, or that is under way.
        attempts: how often it was begun, with those that met a lock.
        by: who ran it; empty where nobody wrote it down.
    """

    revision: str
    direction: str
    began_at: datetime
    ended_at: datetime | None
    attempts: int
    by: str = ""

    @property
    def seconds(self) -> float | None:
        """Return how long it took; None where it has no end."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session with an open transaction.

    Attributes:
        state: what PostgreSQL says of it, for example `idle in transaction`; `prepared` for a prepared transaction.
        age_s: since when its transaction is open.
        holds: the locks that it has on tables and indexes of ours, `schema.name` with the mode.
    """

    pid: int
    user: str
    application: str
    state: str
    age_s: float
    holds: tuple[tuple[str, LockMode], ...] = ()

    @property
    def said(self) -> str:
        """Return who it is, in words; its query may hold data and is not told."""
        name = f" ({self.application})" if self.application else ""
        return (
            f"pid {self.pid}, {self.user or 'unknown'}{name}, {self.state}, its transaction open for {self.age_s:.0f} s"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a database's schema stands.

    Attributes:
        versions: every row of Alembic's version table; none where there is no table.
        invalid_indexes: indexes that a failed build left, `schema.name`, with their tables.
        unvalidated: constraints that were never validated, `schema.table`, with their names.
        scratch: scratch databases that something of ours left on this server.
        sessions: those with an open transaction, oldest first.
        runs: what the runner wrote down, newest first.
        objects: what there is: `table NAME`, `column TABLE.NAME`, `index NAME`.
        notes: what could not be looked at, and why; a sentence each.
    """

    versions: tuple[str, ...] = ()
    invalid_indexes: tuple[tuple[str, str], ...] = ()
    unvalidated: tuple[tuple[str, str], ...] = ()
    scratch: tuple[str, ...] = ()
    sessions: tuple[Session, ...] = ()
    runs: tuple[MigrationRun, ...] = ()
    objects: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
