"""The load beside a trial: sessions that read and write the tables that a migration touches, and change nothing."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql

from gonogo.adapters.trials.relations import Relation

Span = tuple[float, float]
_READ = sql.SQL("SELECT 1 FROM {} LIMIT 1")
# What a writer takes, and nothing more: a trigger may reach out of the copy, also for a statement without a row.
_WRITE = sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE")
# When two of us and the migration wait in a circle, it is one of ours that gives way.
_SETTINGS = ("SET statement_timeout = '120s'", "SET deadlock_timeout = '20ms'", "SET application_name = 'gonogo load'")
_KEPT_SPANS = 2_000
_SHORTEST_WAIT_S = 0.002


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressure:
    """How much there is beside a migration.

    Attributes:
        readers: sessions that read.
        writers: sessions that write.
        pause_s: what each of them waits between two transactions.
        tables: how many of the largest tables are used while a revision names none.
        long_read_s: how long one more reader keeps its transaction open, to show the queue behind it; 0 is none.
        script: the project's own load, a program and its words; none where there is none.
    """

    readers: int = 2
    writers: int = 2
    pause_s: float = 0.01
    tables: int = 3
    long_read_s: float = 0.0
    script: tuple[str, ...] = ()


class Load:
    """Sessions in threads; they go where they are told while they run."""

    def __init__(self, url: str, pressure: Pressure) -> None:
        """Prepare; nothing is contacted yet."""
        self._url = url
        self._pressure = pressure
        self._targets: tuple[Relation, ...] = ()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._spans: dict[int, deque[Span]] = {}

    def start(self) -> None:
        """Connect, and begin to read and write."""
        wanted = self._pressure
        roles = [*[(False, 0.0)] * wanted.readers, *[(True, 0.0)] * wanted.writers]
        if wanted.long_read_s:
            roles.append((False, wanted.long_read_s))
        for number, (is_writer, open_s) in enumerate(roles):
            connection = psycopg.connect(self._url, autocommit=True)
            self._spans[connection.info.backend_pid] = deque(maxlen=_KEPT_SPANS)
            arguments = (connection, number, is_writer, open_s)
            self._threads.append(threading.Thread(target=self._work, args=arguments, name="trial-load", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; what waits at the server ends with the migration."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def aim(self, relations: Sequence[Relation]) -> None:
        """Say which tables to read and write from now on."""
        self._targets = tuple(relations)

    @property
    def clocks(self) -> Mapping[int, Iterable[Span]]:
        """Return when each session began and ended what it did, by its process id on the server."""
        return {pid: tuple(spans) for pid, spans in self._spans.items()}

    def _work(self, connection: psycopg.Connection, number: int, is_writer: bool, open_s: float) -> None:  # noqa: FBT001
        """Read or write, over and over."""
        spans = self._spans[connection.info.backend_pid]
        with connection:
            for setting in _SETTINGS:
                with suppress(psycopg.Error):  # only a superuser sets them all
                    connection.execute(setting)
            while not self._stop.wait(self._pressure.pause_s):
                number += 1
                if relation := self._next(number, is_writer=is_writer):
                    began = time.monotonic()
                    self._touch(connection, relation, is_writer=is_writer, open_s=open_s)
                    ended = time.monotonic() - open_s
                    if ended - began > _SHORTEST_WAIT_S:
                        spans.append((began, ended))
                if connection.closed:
                    return

    def _next(self, number: int, *, is_writer: bool) -> Relation | None:
        """Return the table whose turn it is; a materialized view is only read."""
        targets = [each for each in self._targets if each.kind != "m" or not is_writer]
        return targets[number % len(targets)] if targets else None

    def _touch(self, connection: psycopg.Connection, relation: Relation, *, is_writer: bool, open_s: float) -> None:
        """Take what a reader or a writer takes, and give it back; nothing is changed, and no trigger of theirs runs."""
        statement = (_WRITE if is_writer else _READ).format(sql.Identifier(relation.schema, relation.name))
        with suppress(psycopg.Error), connection.transaction(force_rollback=True):  # it may be gone, or not be ours
            connection.execute(statement)
            if open_s:
                self._stop.wait(open_s)
