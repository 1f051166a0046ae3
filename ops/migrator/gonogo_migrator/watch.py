"""The onlooker: sees from beside who keeps the migration waiting, and cancels its statement when it is to stop."""

import asyncio
import logging
import threading
import time
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Engine
from sqlalchemy.util import greenlet_spawn

from gonogo_migrator.blockers import Blocker, blockers, in_words
from gonogo_migrator.sessions import Session
from gonogo_migrator.stopping import Stop

_logger = logging.getLogger("alembic.runtime.migration")
_SAID_AFTER_S = 3.0  # a wait that has no limit is not passed over in silence


class Watch:
    """Looks on from a thread, with a connection of its own once a revision takes longer than a moment."""

    def __init__(self, engine: Engine, stop: Stop, *, lock_timeout_ms: int) -> None:
        """Prepare; several looks fit into one wait for a lock."""
        self._engine = engine
        self._stop = stop
        self._every_s = min(0.2, max(0.01, lock_timeout_ms / 8000))
        self._thread = threading.Thread(target=self._run, name="gonogo-migrator-watch", daemon=True)
        self._is_over = False
        self._watched: int | None = None
        self._waits_since = 0.0
        self._said: set[int] = set()
        self.seen: tuple[Blocker, ...] = ()

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking."""
        self._is_over, self._watched = True, None
        self._stop.wake()
        self._thread.join()

    def begin(self, pid: int) -> None:
        """Watch a session; who kept it waiting before is forgotten."""
        self.seen, self._watched, self._waits_since = (), pid, 0.0

    def end(self) -> None:
        """Watch nothing for now."""
        self._watched = None

    def _run(self) -> None:
        try:
            if self._engine.dialect.is_async:
                asyncio.run(greenlet_spawn(self._look))
            else:
                self._look()
        except Exception as error:  # noqa: BLE001  # to look on is a service; the migration goes on without it
            _logger.warning("Who blocks cannot be seen: %s", str(error).strip().partition("\n")[0])

    def _look(self) -> None:
        session: Session | None = None
        try:
            while not self._is_over:
                self._stop.wait(self._every_s)
                if (pid := self._watched) is not None:
                    session = session or Session(self._engine)
                    self._look_once(session, pid)
        finally:
            if session:
                session.close()

    def _look_once(self, session: Session, pid: int) -> None:
        if self._stop.signal:
            # Again at each look until the migration has seen it: a cancel between two statements is lost.
            session.rows(f"SELECT pg_cancel_backend({pid})")
            return
        if not (found := blockers(session, pid)):
            self._waits_since = 0.0
            return
        self.seen = found
        self._waits_since = self._waits_since or time.monotonic()
        if time.monotonic() - self._waits_since > _SAID_AFTER_S and not {each.pid for each in found} <= self._said:
            self._said |= {each.pid for each in found}
            _logger.warning("Waiting, %s.", in_words(found))
