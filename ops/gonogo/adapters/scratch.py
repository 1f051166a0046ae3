"""Empty databases on a scratch server, gone when they were used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from gonogo.errors import UnreachableError


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """Yield an empty database of a server, gone at the end.

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
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
