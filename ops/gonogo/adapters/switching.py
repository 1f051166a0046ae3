"""Which database of a server has the served name: exchanged in one transaction, while nobody is let in."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from gonogo.adapters.postgres import connected
from gonogo.errors import GonogoError, RefusedError
from gonogo.model import Secret

# Of each server: who renames a database may not be in it.
MAINTENANCE = "postgres"
_TRIES = 4
_PAUSE_S = 0.05
_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = ANY(%s::text[]) AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_INSIDE = """
SELECT string_agg(DISTINCT coalesce(nullif(application_name, ''), 'a program') || ' as ' || usename, ', ')
FROM pg_stat_activity WHERE datname = ANY(%s::text[]) AND backend_type = 'client backend'
"""


def exchange(url: Secret, renames: Sequence[tuple[str, str]], statements: Sequence[sql.Composed]) -> None:
    """Rename databases, one after the other, and run more with it: all of it at once, or nothing.

    A rename keeps newcomers waiting from its first moment on, and waits for whoever is inside; they are made to leave
    meanwhile. So there is no moment in which nothing is served, and none in which two databases are written to.

    Args:
        url: of any database of the server.
        renames: old and new names.
        statements: what else belongs to it.

    Raises:
        RefusedError: somebody does not leave, or the role may not rename.
    """
    names = [name for name, _ in renames]
    for tried in range(1, _TRIES + 1):
        with connected(url, MAINTENANCE) as connection, _left_by_all(url, names):
            try:
                _exchanged(connection, renames, statements)
            except (psycopg.errors.ObjectInUse, psycopg.errors.LockNotAvailable):
                if tried == _TRIES:
                    raise _busy(connection, names) from None
            else:
                return


def _exchanged(
    connection: psycopg.Connection, renames: Sequence[tuple[str, str]], statements: Sequence[sql.Composed]
) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '15s'")
        for old, new in renames:
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
            connection.execute(rename)
        for statement in statements:
            connection.execute(statement)


@contextmanager
def _left_by_all(url: Secret, names: list[str]) -> Iterator[None]:
    """Make everybody leave some databases, again and again, until the end."""
    done = threading.Event()

    def ask() -> None:
        # Who cannot be made to leave is told by the rename.
        with suppress(GonogoError), connected(url, MAINTENANCE) as connection:
            connection.execute(_LEAVE, [names])
            while not done.wait(_PAUSE_S):
                connection.execute(_LEAVE, [names])

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        done.set()
        asking.join()


def _busy(connection: psycopg.Connection, names: list[str]) -> RefusedError:
    """Return who does not leave."""
    row = connection.execute(_INSIDE, [names]).fetchone()
    who = f": {row[0]}" if row and row[0] else ""
    message = f"somebody does not leave {' and '.join(names)}{who}"
    why = "a database is renamed only while nobody is in it; nothing was switched"
    hint = "stop them (in Coolify: the worker, then the API), then: invoke deploy.resume"
    return RefusedError("database-in-use", message, why=why, hint=hint)
