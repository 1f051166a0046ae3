"""Connections of the runner's own, and what a driver's connection is asked without SQLAlchemy's events."""

import re
from contextlib import suppress
from typing import Any

from sqlalchemy.engine import Connection, Engine


def ask(raw: Any, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that has no parameters, sent on a driver's own connection.

    What listens to the project's statements does not hear it.
    """
    cursor = raw.cursor()
    try:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []
    finally:
        cursor.close()


def raw_of(connection: Connection) -> Any:
    """Return the driver's own connection."""
    return connection.connection.dbapi_connection


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def named(*names: str | None) -> str:
    """Return a name as SQL writes it, with its schema where there is one."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names if name)


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's code of an error; None where it is not PostgreSQL's."""
    for each in (error, getattr(error, "orig", None)):
        for name in ("sqlstate", "pgcode"):
            if isinstance(state := getattr(each, name, None), str):
                return state
    return None


def said(error: BaseException) -> str:
    """Return what the database says of an error, in a line without the values that it quotes: they may be anybody's."""
    line = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    # Data exceptions quote data; all others quote names, and keep data for their detail.
    return _QUOTED.sub('"…"', line) if (sqlstate(error) or "").startswith("22") else line


_QUOTED = re.compile(r'"[^"]*(?:"|$)')


class Kept:
    """What a session was told before any revision: its role, its search_path, its settings."""

    def __init__(self, raw: Any) -> None:
        """Read it."""
        self._role, self._set = _role(raw), _settings(raw)

    def restore(self, raw: Any) -> list[str]:
        """Set back what has been changed since, and return its names."""
        changed = []
        if _role(raw) != self._role:  # first: it may be the one that may set the others
            ask(raw, f"SELECT set_config('role', {quoted(self._role)}, false)")
            changed.append("role")
        now = _settings(raw)
        for name in sorted({*now, *self._set}):
            if name in _OURS or now.get(name, ("", ""))[0] == (value := self._value(name, now)):
                continue
            ask(raw, f"SELECT set_config({quoted(name)}, {quoted(value)}, false)")
            changed.append(name)
        return changed

    def _value(self, name: str, now: dict[str, tuple[str, str]]) -> str:
        """Return what a setting was; without one of the session's own, its default."""
        return self._set[name][0] if name in self._set else now[name][1]


# The runner's own, which it sets for each statement.
_OURS = {
    "application_name",
    "client_connection_check_interval",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "statement_timeout",
}


def _role(raw: Any) -> str:
    return str(ask(raw, "SELECT current_setting('role')")[0][0])


def _settings(raw: Any) -> dict[str, tuple[str, str]]:
    """Return a session's own settings, each with its default; those of a transaction end with it."""
    rows = ask(raw, "SELECT name, setting, reset_val FROM pg_settings WHERE source = 'session'")
    return {str(name): (str(setting), str(default)) for name, setting, default in rows}


class Session:
    """A connection beside the migration's: each statement is its own transaction, so it holds no snapshot."""

    def __init__(self, engine: Engine) -> None:
        """Connect; never one that somebody else gets afterwards."""
        pooled = engine.raw_connection()
        pooled.detach()
        raw: Any = pooled.dbapi_connection
        self.raw = raw
        engine.dialect.set_isolation_level(raw, "AUTOCOMMIT")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return ask(self.raw, sql)

    def one(self, sql: str) -> Any:
        """Return the first value of the first row."""
        return self.rows(sql)[0][0]

    def close(self) -> None:
        """Disconnect; one that is lost is no trouble."""
        with suppress(Exception):  # drivers raise what they like about a connection that is gone
            self.raw.close()
