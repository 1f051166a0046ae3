"""Looks at the server while a migration runs on it: what it holds, and who waits behind it."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from gonogo.adapters.trials.stalls import Stalls, Waiter
from gonogo.adapters.trials.tracking import STRENGTH, Tracker

_LOOK = """
SELECT l.pid, l.relation::bigint, l.mode, l.granted,
       extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, clock_timestamp()))::float8
FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'relation' AND d.datname = current_database() AND l.relation >= 16384
  AND (l.pid = ANY(%s) OR NOT l.granted)
"""
_BEHIND = "SELECT pid FROM unnest(%s::int[]) AS pid WHERE pg_blocking_pids(pid) && %s::int[]"
# A look costs half a millisecond; a long statement is looked at less often, at two parts in a hundred of its time.
_SHORTEST_S = 0.002
# What runs outside of a transaction shows its locks only now: the first moments are looked at without a pause.
_EAGER_S = 0.02
_LONGEST_S = 0.02
_SHARE = 0.02
_READS = "AccessShareLock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look shows.

    Attributes:
        granted: the strongest lock that the migration holds on each relation, by oid.
        waiters: the sessions that wait for a relation and are none of the migration's.
    """

    granted: Mapping[int, int]
    waiters: tuple[Waiter, ...]


def look(connection: psycopg.Connection, pids: Sequence[int]) -> Look:
    """Return what the server's lock table says of a migration.

    Args:
        connection: to the copy, not the migration's own.
        pids: the migration's sessions.
    """
    at = time.monotonic()
    granted: dict[int, int] = {}
    waiters = []
    for pid, oid, mode, is_granted, waited_s in connection.execute(_LOOK, [list(pids)]).fetchall():
        if is_granted and pid in pids:
            granted[oid] = max(granted.get(oid, 0), STRENGTH.get(mode, 0))
        elif not is_granted and pid not in pids:
            waiters.append(Waiter(pid=pid, oid=oid, is_read=mode == _READS, since=at - max(0.0, waited_s)))
    return Look(granted=granted, waiters=_behind(connection, waiters, pids))


def _behind(connection: psycopg.Connection, waiters: Sequence[Waiter], pids: Sequence[int]) -> tuple[Waiter, ...]:
    """Return those who wait behind the migration: for what it holds, or for what it waits for itself."""
    if not waiters:
        return ()
    found = connection.execute(_BEHIND, [[each.pid for each in waiters], list(pids)]).fetchall()
    behind = {pid for (pid,) in found}
    return tuple(each for each in waiters if each.pid in behind)


@dataclass(slots=True)
class Watcher:
    """Looks again and again, between the moments in which the migration stands still.

    Attributes:
        told: called with what is held, each time.
        pids: the migration's sessions.
    """

    connection: psycopg.Connection
    tracker: Tracker
    stalls: Stalls
    told: Callable[[Mapping[int, int]], None]
    lock: threading.Lock = field(default_factory=threading.Lock)
    pids: tuple[int, ...] = ()
    _moves: int = 0
    _sent: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="trial-watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def stands(self) -> None:
        """Note that the migration stands still: what a look under way has found is older than that."""
        with self.lock:
            self._moves += 1
            self._sent = 0.0

    def moves(self) -> None:
        """Note that it goes on."""
        with self.lock:
            self._sent = time.monotonic()

    def _run(self) -> None:
        with suppress(psycopg.Error):  # the server went away: whoever asks it next says so
            while not self._stop.wait(self._pace()):
                self._look()

    def _pace(self) -> float:
        """Return how long to the next look."""
        if not self._sent:
            return _SHORTEST_S
        elapsed = time.monotonic() - self._sent
        if self.tracker.is_alone and elapsed < _EAGER_S:
            return 0.0
        return min(_LONGEST_S, max(_SHORTEST_S, _SHARE * elapsed))

    def _look(self) -> None:
        with self.lock:
            moves, pids, is_moving, run = self._moves, self.pids, bool(self._sent), self.tracker.run
        if not pids or run is None or not is_moving:
            return
        at = time.monotonic()
        seen = look(self.connection, pids)
        with self.lock:
            if moves == self._moves:
                self.tracker.seen(at, seen.granted)
                self.told(seen.granted)
                self.note(at, seen.waiters)

    def note(self, at: float, waiters: Iterable[Waiter]) -> None:
        """Note who waits."""
        if run := self.tracker.run:
            self.stalls.seen(at, waiters, run.revision, run.relations)
