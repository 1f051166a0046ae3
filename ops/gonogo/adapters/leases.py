"""Locks as leases in SQL: who holds one, until when, and whether that process still lives.

Statements on a connection whose transaction somebody else opens and commits. Time is the database server's.
"""

import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
import sqlalchemy as sa

from gonogo.errors import LedgerError, LockLostError
from gonogo.model import Holder, Lease

METADATA = sa.MetaData()
LOCKS = sa.Table(
    "gonogo_locks",
    METADATA,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("since", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("release_id", sa.Text, nullable=False),
    # Those below are empty in a row that an earlier version has written.
    sa.Column("machine", sa.Text, nullable=True),
    sa.Column("fence", sa.BigInteger, nullable=True),
    sa.Column("taken", sa.Double, nullable=True),
    sa.Column("expires", sa.Double, nullable=True),
)
# What the columns may hold; the last three are empty in a row that an earlier version has written.
_KINDS: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(("who", "host", "why", "release_id"), frozenset({str})),
    "pid": frozenset({int}),
    "started": frozenset({float, int}),
    "fence": frozenset({int, type(None)}),
    **dict.fromkeys(("taken", "expires"), frozenset({float, int, type(None)})),
}
# The last fence of each environment; it outlives the locks.
_FENCES = sa.Table(
    "gonogo_fences",
    METADATA,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)


def migrate(connection: sa.Connection) -> None:
    """Add the columns that an earlier version's table lacks; its rows stay as they are."""
    present = {column["name"] for column in sa.inspect(connection).get_columns(LOCKS.name)}
    for column in LOCKS.columns:
        if column.name not in present:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {LOCKS.name} ADD COLUMN {column.name} {kind}")


def take(connection: sa.Connection, environment: str, holder: Holder, *, lasts_s: float | None) -> Lease | Holder:
    """Take a lock; return the lease, or who holds it instead."""
    now = _now(connection)
    row = _row_of(connection, environment)
    if row and _is_ours(row, holder):
        lease = Lease(environment=environment, fence=row.fence)
        renew(connection, lease, lasts_s=lasts_s)
        return lease
    if row and _is_alive(row, now):
        return _holder(row, now)
    lease = Lease(environment=environment, fence=_next_fence(connection, environment))
    connection.execute(sa.delete(LOCKS).where(LOCKS.c.environment == environment))
    timed = {"taken": now, "expires": None if lasts_s is None else now + lasts_s, "fence": lease.fence}
    connection.execute(sa.insert(LOCKS).values(environment=environment, **_said(holder), **timed))
    return lease


def renew(connection: sa.Connection, lease: Lease, *, lasts_s: float | None) -> None:
    """Let a lease last from now on.

    Raises:
        LockLostError: somebody else holds the lock, or it was broken.
    """
    now = _now(connection)
    expires = None if lasts_s is None else now + lasts_s
    done = connection.execute(sa.update(LOCKS).where(_held_by(lease)).values(expires=expires))
    if done.rowcount == 0:
        raise _lost(lease.environment, look(connection, lease.environment))


def drop(connection: sa.Connection, lease: Lease) -> None:
    """Give a lock back; somebody else's is left alone."""
    connection.execute(sa.delete(LOCKS).where(_held_by(lease)))


def look(connection: sa.Connection, environment: str) -> Holder | None:
    """Return who holds a lock; None when nobody does, or no longer."""
    now = _now(connection)
    row = _row_of(connection, environment)
    return _holder(row, now) if row and _is_alive(row, now) else None


def _lost(environment: str, holder: Holder | None) -> LockLostError:
    """Return the error of a process whose lock is not its own any more."""
    now = f"{holder.who} has it now: {holder.why}" if holder else "nobody has it now"
    message = f"the lock of {environment} is not ours any more; {now}"
    why = "somebody else may be releasing; this process has stopped, and undoes nothing"
    hint = f"invoke deploy.status --env {environment}"
    return LockLostError("lock-lost", message, why=why, hint=hint)


def _held_by(lease: Lease) -> sa.ColumnElement[bool]:
    """Return the condition for the row of one lease."""
    return (LOCKS.c.environment == lease.environment) & (sa.func.coalesce(LOCKS.c.fence, 0) == lease.fence)


def _row_of(connection: sa.Connection, environment: str) -> sa.Row | None:  # type: ignore[type-arg]
    """Return the row of an environment's lock.

    Raises:
        LedgerError: it was damaged: nobody can tell who holds the lock.
    """
    row = connection.execute(sa.select(LOCKS).where(LOCKS.c.environment == environment)).one_or_none()
    if row is not None and (damaged := _damaged(row)):
        raise _unreadable(environment, damaged)
    return row


def _damaged(row: sa.Row) -> list[str]:  # type: ignore[type-arg]
    """Return the columns that hold what this toolkit never writes; a SQLite file takes anything."""
    wrong = [name for name, kinds in _KINDS.items() if type(getattr(row, name)) not in kinds]
    return wrong if _is_moment(row.since) else [*wrong, "since"]


def _is_moment(text: object) -> bool:
    """Return whether a text is a time with its zone."""
    try:
        return datetime.fromisoformat(str(text)).tzinfo is not None
    except ValueError:
        return False


def _unreadable(environment: str, columns: Sequence[str]) -> LedgerError:
    """Return the error of a lock that nobody can read."""
    message = f"the lock of {environment} cannot be read: {', '.join(columns)} of its row is damaged"
    why = "nobody can tell who holds it; nothing is done on a guess"
    statement = f"DELETE FROM {LOCKS.name} WHERE environment = '{environment}'"  # noqa: S608  # for a person to run
    hint = f"make sure that nobody releases to {environment}, then in the ledger: {statement}"
    return LedgerError("lock-unreadable", message, where=LOCKS.name, why=why, hint=hint)


def _now(connection: sa.Connection) -> float:
    """Return the server's time, seconds since the epoch; a SQLite file has none but this machine's."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def _next_fence(connection: sa.Connection, environment: str) -> int:
    """Return a number higher than any that this environment's lock was held under."""
    at = _FENCES.c.environment == environment
    # By the clock at first: a ledger that was deleted meanwhile must not count the fences of its former holders again.
    first = int(_now(connection) * 1000)
    last = connection.execute(sa.select(_FENCES.c.last).where(at)).scalar_one_or_none()
    if last is None:
        connection.execute(sa.insert(_FENCES).values(environment=environment, last=first))
        return first
    connection.execute(sa.update(_FENCES).where(at).values(last=last + 1))
    return int(last) + 1


def _said(holder: Holder) -> dict[str, object]:
    """Return a holder as columns, with the start time of its process: a pid alone may be another process later."""
    return {
        "who": holder.who,
        "host": holder.host,
        "machine": _machine(),
        "pid": holder.pid,
        "started": _started(holder.pid),
        "since": holder.since.isoformat(),
        "why": holder.why,
        "release_id": holder.release_id,
    }


def _holder(row: sa.Row, now: float) -> Holder:  # type: ignore[type-arg]
    """Return a stored row as a holder."""
    since = datetime.fromisoformat(row.since).astimezone(UTC)
    return Holder(
        who=row.who,
        host=row.host,
        pid=row.pid,
        since=since,
        why=row.why,
        release_id=row.release_id,
        fence=row.fence or 0,
        held_s=max(0.0, now - (row.taken or since.timestamp())),
        ends_in_s=None if row.expires is None else max(0.0, row.expires - now),
    )


def _is_ours(row: sa.Row, holder: Holder) -> bool:  # type: ignore[type-arg]
    """Return whether this very process holds the lock already, for the same release."""
    same = (row.release_id, row.pid, row.machine) == (holder.release_id, holder.pid, _machine())
    return bool(same and row.fence and holder.pid and _is_same_process(row))


def _is_alive(row: sa.Row, now: float) -> bool:  # type: ignore[type-arg]
    """Return whether a lock is still held: not expired, and its process not seen to be gone."""
    if row.expires is not None and row.expires <= now:
        return False
    is_here = row.host == os.uname().nodename and row.machine in {None, _machine()}
    return bool(not is_here or not row.release_id or _is_same_process(row))


def _is_same_process(row: sa.Row) -> bool:  # type: ignore[type-arg]
    """Return whether the process that took the lock still runs."""
    return bool(row.started > 0 and abs(_started(row.pid) - row.started) < 1)


def _started(pid: int) -> float:
    """Return when a process started, seconds since the epoch; 0 when it is no more, buried or not."""
    try:
        process = psutil.Process(pid)
        return 0.0 if not pid or process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _machine() -> str:
    """Return what a pid is unique in: this start of this machine, and in it this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{os.uname().nodename} {psutil.boot_time():.0f}"
