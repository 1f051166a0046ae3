"""Connections of the runner's own, and what a driver's connection is asked without SQLAlchemy's events."""

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
