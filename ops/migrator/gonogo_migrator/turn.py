"""One migration at a time: an advisory lock, polled, on a connection of its own."""

import logging
import secrets
import time
import zlib
from typing import Any

from sqlalchemy.engine import Engine

from gonogo_migrator.errors import GaveUpError, MigratorError
from gonogo_migrator.sessions import Session, ask, quoted
from gonogo_migrator.settings import Settings
from gonogo_migrator.stopping import Stop

_logger = logging.getLogger("alembic.runtime.migration")
_CLASS = 0x676F6E6F  # "gono": whoever reads pg_locks may find it
_SAY_EVERY_S = 10.0
_HOLDER = """
SELECT a.pid, a.usename, a.application_name, a.client_addr::text, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'),
       extract(epoch FROM clock_timestamp() - a.backend_start)
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND {key}
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Turn:
    """The right to migrate one database.

    Polled: a session that waits inside pg_advisory_lock holds a snapshot, and CREATE INDEX CONCURRENTLY would wait
    for it for ever. On a connection of its own, each statement a transaction: it blocks nobody, no commit can end it.
    """

    def __init__(self, engine: Engine, settings: Settings, *, version_table: str) -> None:
        """Connect; the turn is not taken yet."""
        self._engine = engine
        self._settings = settings
        self._likeness = ""
        self.session = Session(engine)
        self.session.rows(
            f"SELECT set_config('application_name', {quoted(f'gonogo-migrator {settings.by}'[:63])}, false)"
        )
        # A server that ends idle sessions must not end this one.
        self.session.rows("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'")
        database = self.session.one("SELECT current_database()")
        self._pid = self.session.one("SELECT pg_backend_pid()")
        self._key = settings.lock_key or (_CLASS, _signed(zlib.crc32(f"{database}\0{version_table}".encode())))

    def see_as(self, raw: Any) -> None:
        """Look at the database as another connection does: env.py may have set its role, or its search_path.

        Args:
            raw: that connection.
        """
        names = ("role", "search_path")
        row = ask(raw, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))[0]
        sets = (f"set_config('{name}', {quoted(value)}, false)" for name, value in zip(names, row, strict=True))
        self._likeness = f"SELECT {', '.join(sets)}"
        self.session.rows(self._likeness)

    def take(self, stop: Stop) -> None:
        """Wait for the turn, and say for whom.

        Raises:
            GaveUpError: another migration did not end in time.
            StoppedError: somebody asked to stop.
        """
        deadline, said = time.monotonic() + self._settings.wait_seconds, 0.0
        while not self.session.one(f"SELECT pg_try_advisory_lock({self._key[0]}, {self._key[1]})"):
            stop.check()
            holder, now = self._holder(), time.monotonic()
            if now > deadline:
                waited = f"{self._settings.wait_seconds:g} s"
                raise GaveUpError(f"another migration is running: {holder}; gave up after {waited}, nothing was done")
            if now - said > _SAY_EVERY_S or not said:
                said = now
                _logger.warning("Another migration is running, waiting for it to end: %s.", holder)
            stop.sleep(0.1 + secrets.randbelow(200) / 1000)

    def refuse_pooler(self, raw: Any) -> None:
        """Go on only where a session stays a session, seen from two at once.

        Args:
            raw: another connection, in a transaction, so that a pooler can give its session to nobody else.

        Raises:
            MigratorError: a pooler hands sessions round; a lock of a session would be anybody's.
        """
        other = ask(raw, "SELECT pg_backend_pid()")[0][0]
        if other == self._pid or self.session.one("SELECT pg_backend_pid()") != self._pid:
            raise MigratorError(
                "the address leads through a pooler that hands out sessions by the transaction (pgbouncer's "
                "pool_mode=transaction): locks and timeouts would be other people's; "
                "migrate by the server's own address, nothing was done"
            )

    def is_kept(self) -> bool:
        """Return whether the turn is still ours, as the server says; a lost connection is replaced, the turn is not."""
        mine = (
            f"SELECT count(*) FROM pg_locks l WHERE pid = {self._pid} AND granted AND objsubid = 2 AND {self._where()}"
        )
        try:
            return self.session.rows(f"SELECT pg_backend_pid(), ({mine})")[0] == (self._pid, 1)
        except Exception:  # noqa: BLE001  # any error of the driver: the connection is of no use
            self.close()
            self.session = Session(self._engine)
            if self._likeness:
                self.session.rows(self._likeness)
            return False

    def close(self) -> None:
        """Give the turn back."""
        self.session.close()

    def _holder(self) -> str:
        found = self.session.rows(_HOLDER.format(key=self._where()))
        if not found:
            return "it has just ended"
        pid, user, application, address, since, age = found[0]
        who = ", ".join(each for each in (user, application, address) if each)
        return f"pid {pid} ({who}) since {since}, {float(age):.0f} s ago"

    def _where(self) -> str:
        return f"l.locktype = 'advisory' AND l.classid = {self._key[0] % 2**32} AND l.objid = {self._key[1] % 2**32}"


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number
