"""Scratch databases: marked as ours, locked by whoever uses them, and dropped once nobody does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from gonogo.errors import UnreachableError

# The lock that whoever uses a scratch database holds for as long as they live.
_LOCK_CLASS = 7_283_402
_MARKED = """
SELECT d.datname, shobj_description(d.oid, 'pg_database') FROM pg_database d
WHERE starts_with(d.datname, %s) AND starts_with(shobj_description(d.oid, 'pg_database'), %s)
"""
# An advisory lock is one database's alone, and people reach a server by several of its databases.
_HELD_ELSEWHERE = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
   AND objid::bigint = hashtext(%s)::bigint & 4294967295 AND pid <> pg_backend_pid()
"""


@contextmanager
def scratch_database(server: str, *, is_ours: bool = False, purpose: str = "lint") -> Iterator[str]:
    """Yield an empty database of a server, gone at the end; what killed processes have left is dropped first.

    Args:
        server: any database of it, as a role that may create databases.
        is_ours: whether nobody else uses the server, so that roles that were made meanwhile are removed, too.
        purpose: a word of its name and its mark.

    Raises:
        UnreachableError: the server does not answer, or makes no database for us.
    """
    name = f"gonogo_{purpose}_{os.getpid()}_{os.urandom(3).hex()}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError:
        where = urlsplit(server).hostname or "the scratch server"
        raise UnreachableError("scratch-unreachable", "the scratch server does not answer", where=where) from None
    with connection:
        _made(connection, name, purpose)
        roles = _roles(connection)
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in _roles(connection) - roles if is_ours else ():
                with suppress(psycopg.Error):
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def lock(connection: psycopg.Connection, name: str) -> bool:
    """Take a name for this session, and return whether nobody has it, by whichever database they came in."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCK_CLASS, name]).fetchone()
    if not (row and row[0]):
        return False
    others = connection.execute(_HELD_ELSEWHERE, [_LOCK_CLASS, name]).fetchone()
    if others and not others[0]:
        return True
    unlock(connection, name)
    return False


def unlock(connection: psycopg.Connection, name: str) -> None:
    """Give a name back."""
    connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK_CLASS, name])


def mark(connection: psycopg.Connection, database: str, words: str) -> None:
    """Write on a database whose it is."""
    named = sql.Identifier(database)
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(named, sql.Literal(words)))


def deserted(connection: psycopg.Connection, prefix: str, words: str) -> Iterator[str]:
    """Yield the databases that say that they are ours and whose process is gone: nobody holds their lock any more.

    Args:
        connection: to the server.
        prefix: of their names.
        words: what they say of themselves, before the name that is locked.
    """
    for name, said in connection.execute(_MARKED, [prefix, words]).fetchall():
        owner = str(said).removeprefix(words)
        if lock(connection, owner):
            try:
                yield str(name)
            finally:
                # A name of our own is locked twice now, and given back once.
                unlock(connection, owner)


def _made(connection: psycopg.Connection, name: str, purpose: str) -> None:
    """Make the database, after dropping those of its kind that nobody uses any more.

    Raises:
        UnreachableError: the server does not make it.
    """
    lock(connection, name)
    words = f"gonogo {purpose} "
    try:
        for left in deserted(connection, f"gonogo_{purpose}_", words):
            with suppress(psycopg.Error):  # somebody else was quicker
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.Error as error:
        said = error.diag.message_primary or type(error).__name__
        message = f"the scratch server makes no database: {said}"
        raise UnreachableError("scratch-unreachable", message, hint="the role needs CREATEDB") from None
    mark(connection, name, f"{words}{name}")


def _roles(connection: psycopg.Connection) -> set[str]:
    """Return the roles of a server: a database's end does not remove them."""
    return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
