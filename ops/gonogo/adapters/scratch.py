"""Empty databases on a scratch server, gone when they were used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from gonogo.errors import UnreachableError


@contextmanager
def scratch_database(server: str, *, is_ours: bool = False) -> Iterator[str]:
    """Yield an empty database of a server, gone at the end.

    Args:
        server: any database of it, as a role that may create databases.
        is_ours: whether nobody else uses the server, so that roles that were made meanwhile are removed, too.

    Raises:
        UnreachableError: the server does not answer.
    """
    name = f"gonogo_lint_{os.getpid()}_{os.urandom(3).hex()}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError:
        where = urlsplit(server).hostname or "the scratch server"
        raise UnreachableError("scratch-unreachable", "the scratch server does not answer", where=where) from None
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        roles = _roles(connection)
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in _roles(connection) - roles if is_ours else ():
                with suppress(psycopg.Error):
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _roles(connection: psycopg.Connection) -> set[str]:
    """Return the roles of a server: a database's end does not remove them."""
    return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
