"""Ledgers of each kind, processes that may hold their locks, and entries."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gonogo.model import JSON, Entry, EntryKind, Holder, Lease
from gonogo.protocols import Ledger
from tests.contracts import databases

AT = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A ledger, and processes that may hold its lock.

    Attributes:
        again: returns the same ledger as another process sees it.
        alive: two processes that run.
        dead: one that has ended.
    """

    ledger: Ledger
    again: Callable[[], Ledger]
    alive: tuple[int, int]
    dead: int

    def holder(self, release_id: str, pid: int, host: str | None = None) -> Holder:
        """Return a process that releases."""
        at = host or socket.gethostname()
        return Holder(who=f"me@{at}", host=at, pid=pid, since=AT, why="release of abc", release_id=release_id)

    def taken(self, environment: str, holder: Holder, *, lasts_s: float | None = None) -> Lease:
        """Return the lease of a lock that is to be had."""
        lease = self.ledger.acquire(environment, holder, lasts_s=lasts_s)
        assert isinstance(lease, Lease)
        return lease


@contextmanager
def ledger_at(kind: str, folder: Path) -> Iterator[str]:
    """Yield where a new ledger of a kind is kept."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/deep/down/ledger.db"
        return
    with databases.created() as url:
        yield url


def ended() -> int:
    """Return the id of a process that has ended."""
    ended = subprocess.Popen(("true",))
    ended.wait()
    return ended.pid


def entry(release_id: str, kind: EntryKind = EntryKind.STEP_DONE, **data: JSON) -> Entry:
    """Return an entry that was not stored yet."""
    return Entry(release_id=release_id, at=AT, kind=kind, step="backup", data=data)


def started(release_id: str, environment: str) -> Entry:
    """Return the entry with which a release begins."""
    return entry(release_id, EntryKind.RELEASE_STARTED, plan={"environment": environment})
