"""The ledger: entries and locks in a database, SQLite by default, Postgres where several people release."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import sqlalchemy as sa

from gonogo import redaction
from gonogo.errors import ConfigurationError, LedgerError
from gonogo.model import Entry, EntryKind, Holder

# Longest wait for another process's transaction, milliseconds.
_PATIENCE_MS = 10_000
# Names the one lock in a shared PostgreSQL that makes ledger transactions take turns, as they do in SQLite.
_TURN = 7_283_402
_METADATA = sa.MetaData()
_ENTRIES = sa.Table(
    "gonogo_entries",
    _METADATA,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("release_id", sa.Text, nullable=False, index=True),
    sa.Column("environment", sa.Text, nullable=True, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=True),
    sa.Column("data", sa.JSON, nullable=False),
)
_LOCKS = sa.Table(
    "gonogo_locks",
    _METADATA,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("since", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("release_id", sa.Text, nullable=False),
)


class SqlLedger:
    """Entries and locks, each write one durable transaction."""

    def __init__(self, url: str) -> None:
        """Prepare; the tables are made at the first use.

        Raises:
            ConfigurationError: the URL names no database that a ledger can be kept in.
        """
        try:
            self._url = _with_driver(sa.make_url(url))
            self._engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        except (sa.exc.SQLAlchemyError, ImportError):
            problem = "project.ledger: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE in gonogo.toml"
            message = "the ledger's URL cannot be used"
            raise ConfigurationError("ledger-url-wrong", message, problems=(problem,)) from None
        self._is_ready = False

    def append(self, entry: Entry) -> Entry:
        """Store an entry durably, without the secrets of this process, and return it with its position.

        Raises:
            LedgerError: it could not be stored; nothing may be done that is not written down.
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
        """Return a release's entries, oldest first."""
        query = sa.select(_ENTRIES).where(_ENTRIES.c.release_id == release_id).order_by(_ENTRIES.c.seq)
        with self._transaction() as connection:
            return tuple(_entry(row) for row in connection.execute(query))

    def releases(self, environment: str) -> tuple[str, ...]:
        """Return the ids of an environment's releases, newest first."""
        query = (
            sa.select(_ENTRIES.c.release_id)
            .where(_ENTRIES.c.environment == environment)
            .order_by(_ENTRIES.c.seq.desc())
        )
        with self._transaction() as connection:
            return tuple(connection.execute(query).scalars())

    def acquire(self, environment: str, holder: Holder) -> Holder | None:
        """Take the lock; return who holds it instead, or None when it is ours now.

        A holder on this host whose process is gone holds nothing any more.
        """
        with self._transaction() as connection:
            row = connection.execute(_lock_of(environment)).one_or_none()
            if row and _is_alive(row) and (row.release_id, row.pid) != (holder.release_id, holder.pid):
                return _holder(row)
            connection.execute(sa.delete(_LOCKS).where(_LOCKS.c.environment == environment))
            connection.execute(sa.insert(_LOCKS).values(environment=environment, **_row(holder)))
        return None

    def release(self, environment: str, release_id: str) -> None:
        """Give the lock back; somebody else's is left alone."""
        mine = (_LOCKS.c.environment == environment) & (_LOCKS.c.release_id == release_id)
        with self._transaction() as connection:
            connection.execute(sa.delete(_LOCKS).where(mine))

    def holder(self, environment: str) -> Holder | None:
        """Return who holds the lock."""
        with self._transaction() as connection:
            row = connection.execute(_lock_of(environment)).one_or_none()
        return _holder(row) if row and _is_alive(row) else None

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
            where = self._url.render_as_string(hide_password=True)
            message = f"the ledger cannot be used: {said.splitlines()[0]}"
            raise LedgerError("ledger-unusable", message, where=where, hint=hint) from None

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
            _METADATA.create_all(connection)


def _with_driver(url: sa.URL) -> sa.URL:
    """Return a URL as people write it with the driver that is installed."""
    is_postgres = url.drivername in {"postgres", "postgresql"}
    return url.set(drivername="postgresql+psycopg") if is_postgres else url


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


def _lock_of(environment: str) -> sa.Select:  # type: ignore[type-arg]
    """Return the query for an environment's lock."""
    return sa.select(_LOCKS).where(_LOCKS.c.environment == environment)


def _row(holder: Holder) -> dict[str, object]:
    """Return a holder as a row, with the start time of its process: a pid alone may be another process later."""
    return {
        "who": holder.who,
        "host": holder.host,
        "pid": holder.pid,
        "started": _started(holder.pid),
        "since": holder.since.isoformat(),
        "why": holder.why,
        "release_id": holder.release_id,
    }


def _holder(row: sa.Row) -> Holder:  # type: ignore[type-arg]
    """Return a stored row as a holder."""
    since = datetime.fromisoformat(row.since).astimezone(UTC)
    return Holder(who=row.who, host=row.host, pid=row.pid, since=since, why=row.why, release_id=row.release_id)


def _is_alive(row: sa.Row) -> bool:  # type: ignore[type-arg]
    """Return whether the lock's process still runs; on another host it is believed to."""
    same_process = row.started > 0 and abs(_started(row.pid) - row.started) < 1
    return bool(row.host != socket.gethostname() or same_process)


def _started(pid: int) -> float:
    """Return when a process started, seconds since the epoch; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0
