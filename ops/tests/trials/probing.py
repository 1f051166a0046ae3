"""An independent probe: sessions that read and write one table and time what they wait, with no part in the trial."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import psycopg

from gonogo.adapters.trials.pauses import Pauses

_READ = "SELECT 1 FROM t LIMIT 1"
_WRITE = "DELETE FROM t WHERE false"


@dataclass(slots=True)
class Probe:
    """One session that does the same statement over and over.

    Attributes:
        spans: when each of them began and ended.
    """

    url: str
    statement: str
    spans: list[tuple[float, float]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def longest_s(self, pauses: Pauses, began: float, ended: float) -> float:
        """Return the longest that it waited between two moments, without what the migration stood still for looks."""
        spans = [(start, end) for start, end in self.spans if end > began and start < ended]
        return max((pauses.between(start, end) for start, end in spans), default=0.0)

    def _run(self) -> None:
        with suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True) as connection:
            while not self._stop.is_set():
                began = time.monotonic()
                connection.execute(self.statement.encode())
                self.spans.append((began, time.monotonic()))


def reader(url: str) -> Probe:
    """Return a session that reads."""
    return Probe(url=url, statement=_READ)


def writer(url: str) -> Probe:
    """Return a session that writes, and changes nothing."""
    return Probe(url=url, statement=_WRITE)
