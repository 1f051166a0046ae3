"""The ledger: entries and locks in a database, SQLite by default, Postgres where several people release."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from gonogo import redaction
from gonogo.adapters import leases
from gonogo.errors import ConfigurationError, LedgerError, LockLostError
from gonogo.journal import unreadable
from gonogo.model import Entry, EntryKind, Holder, Lease

_LOG = logging.getLogger("gonogo.ledger")
# How long a lock is held after its process's last sign of life, and how many of those fit into that.
_LEASE_S, _BEATS = 90.0, 6
# Longest wait for another process's transaction, milliseconds.
_PATIENCE_MS = 10_000
# Names the one lock in a shared PostgreSQL that makes ledger transactions take turns, as they do in SQLite.
_TURN = 7_283_402
_ENTRIES = sa.Table(
    "gonogo_entries",
    leases.METADATA,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("release_id", sa.Text, nullable=False, index=True),
    sa.Column("environment", sa.Text, nullable=True, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=True),
    sa.Column("data", sa.JSON, nullable=False),
)


class SqlLedger:
    """Entries and locks, each write one durable transaction."""

    def __init__(self, url: str, *, lease_s: float = _LEASE_S) -> None:
        """Prepare; the tables are made, or brought up to date, at the first use.

        Raises:
            ConfigurationError: the URL names no database that a ledger can be kept in.
        """
        try:
            self._url = _with_driver(sa.make_url(url))
            self._engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        except (sa.exc.SQLAlchemyError, ImportError, ValueError):
            problem = "project.ledger: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE in gonogo.toml"
            message = "the ledger's URL cannot be used"
            raise ConfigurationError("ledger-url-wrong", message, problems=(problem,)) from None
        self._is_ready = False
        self._lease_s = lease_s
        self._hearts: dict[Lease, threading.Event] = {}

    @property
    def _shown(self) -> str:
        """Return where it is kept, without its password, which may stand among the options too."""
        return self._url.set(query={}).render_as_string(hide_password=True)

    def append(self, entry: Entry, *, lease: Lease | None = None, after: int | None = None) -> Entry:
        """Store an entry durably, without the secrets of this process, and return it with its position.

        Raises:
            LedgerError: it could not be stored; nothing may be done that is not written down.
            LockLostError: somebody else holds the lock, or has written on; nothing was stored.
        """
        entry = replace(entry, data=redaction.PROCESS.hidden_in(dict(entry.data)))
        plan = entry.data.get("plan")
        row = {
            "release_id": entry.release_id,
            "environment": plan["environment"] if isinstance(plan, dict) else None,
            "at": entry.at.isoformat(),
            "kind": entry.kind.value,
            "step": entry.step,
            "data": dict(entry.data),
        }
        with self._transaction() as connection:
            if lease:
                leases.renew(connection, lease, lasts_s=self._lease_s)
            _refuse_moved(connection, entry.release_id, after)
            seq = connection.execute(sa.insert(_ENTRIES).values(**row)).inserted_primary_key
        return Entry(
            release_id=entry.release_id,
            at=entry.at,
            kind=entry.kind,
            step=entry.step,
            data=entry.data,
            seq=int(seq[0]) if seq else 0,
        )

    def read(self, release_id: str) -> tuple[Entry, ...]:
        """Return a release's entries, oldest first.

        Raises:
            LedgerError: one of them is none that this version could have written.
        """
        query = sa.select(_ENTRIES).where(_ENTRIES.c.release_id == release_id).order_by(_ENTRIES.c.seq)
        with self._transaction() as connection:
            try:
                return tuple(_entry(row) for row in connection.execute(query))
            except (ValueError, TypeError):
                raise unreadable(release_id, self._shown) from None

    def releases(self, environment: str) -> tuple[str, ...]:
        """Return the ids of an environment's releases, newest first."""
        query = (
            sa.select(_ENTRIES.c.release_id)
            .where(_ENTRIES.c.environment == environment)
            .order_by(_ENTRIES.c.seq.desc())
        )
        with self._transaction() as connection:
            return tuple(connection.execute(query).scalars())

    def acquire(self, environment: str, holder: Holder, *, lasts_s: float | None = None) -> Lease | Holder:
        """Take the lock; return our lease, or who holds it instead.

        A process of this machine that is gone holds nothing any more. A process's lease is renewed by a thread until it
        is given back or lost; a person's hold lasts `lasts_s`, or until it is given back.
        """
        with self._transaction() as connection:
            lasts_s = lasts_s if holder.is_person else self._lease_s
            taken = leases.take(connection, environment, holder, lasts_s=lasts_s)
        if isinstance(taken, Lease) and not holder.is_person:
            self._keep(taken)
        return taken

    def check(self, lease: Lease) -> None:
        """Make sure that a lease still holds the lock, and renew it.

        Raises:
            LockLostError: somebody else holds the lock, or it was broken.
        """
        with self._transaction() as connection:
            leases.renew(connection, lease, lasts_s=self._lease_s)

    def release(self, lease: Lease) -> None:
        """Give the lock back; somebody else's is left alone."""
        self._stop(lease)
        with self._transaction() as connection:
            leases.drop(connection, lease)

    def holder(self, environment: str) -> Holder | None:
        """Return who holds the lock; None when nobody does, or no longer."""
        with self._transaction() as connection:
            return leases.look(connection, environment)

    def _keep(self, lease: Lease) -> None:
        """Renew a lease from a thread of its own, so that a step may take as long as it needs."""
        if lease not in self._hearts:
            stopped = self._hearts[lease] = threading.Event()
            threading.Thread(target=self._beat, args=(lease, stopped), name="gonogo-lease", daemon=True).start()

    def _stop(self, lease: Lease) -> None:
        """Renew a lease no more."""
        if lease in self._hearts:
            self._hearts.pop(lease).set()

    def _beat(self, lease: Lease, stopped: threading.Event) -> None:
        """Renew a lease until it is given back, lost, or could not be renewed for as long as it lasts."""
        misses = 0
        while not stopped.wait(self._lease_s / _BEATS) and misses < _BEATS:
            try:
                self.check(lease)
                misses = 0
            except LockLostError:
                return
            except LedgerError:
                _LOG.warning("lease.not_renewed environment=%s", lease.environment)
                misses += 1

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes through to the disk, after those of every other process."""
        try:
            self._make_folder()
            with self._engine.connect() as connection:
                self._take_turn(connection)
                self._make_tables(connection)
                yield connection
                connection.commit()
            self._is_ready = True
        except (sa.exc.SQLAlchemyError, OSError) as error:
            said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
            hint = "free space or mend the ledger, then: invoke deploy.resume"
            message = f"the ledger cannot be used: {said.splitlines()[0]}"
            raise LedgerError("ledger-unusable", message, where=self._shown, hint=hint) from None

    def _make_folder(self) -> None:
        """Make the folder of a ledger that is a file."""
        if self._url.get_backend_name() == "sqlite" and self._url.database and not self._is_ready:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)

    def _take_turn(self, connection: sa.Connection) -> None:
        """Wait until no other process is in a transaction: looking and writing must be one."""
        if self._url.get_backend_name() == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))

    def _make_tables(self, connection: sa.Connection) -> None:
        """Make the tables where they are not there yet."""
        if not self._is_ready:
            leases.METADATA.create_all(connection)
            leases.migrate(connection)


def _with_driver(url: sa.URL) -> sa.URL:
    """Return a URL as people write it with the driver that is installed."""
    is_postgres = url.drivername in {"postgres", "postgresql"}
    return url.set(drivername="postgresql+psycopg") if is_postgres else url


def _refuse_moved(connection: sa.Connection, release_id: str, after: int | None) -> None:
    """Raise when a release's last entry is not the one that its writer knows."""
    query = sa.select(sa.func.coalesce(sa.func.max(_ENTRIES.c.seq), 0)).where(_ENTRIES.c.release_id == release_id)
    if after is not None and connection.execute(query).scalar_one() != after:
        message = f"somebody else has gone on with release {release_id}"
        why = "this process has stopped, and undoes nothing"
        raise LockLostError("journal-moved", message, why=why, hint=f"invoke deploy.status --release {release_id}")


def _entry(row: sa.Row) -> Entry:  # type: ignore[type-arg]
    """Return a stored row as an entry."""
    return Entry(
        release_id=row.release_id,
        at=datetime.fromisoformat(row.at),
        kind=EntryKind(row.kind),
        step=row.step,
        data=row.data,
        seq=row.seq,
    )
