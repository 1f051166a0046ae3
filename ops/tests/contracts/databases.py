"""Databases of a test's own, on the test server."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from gonogo.local import postgres

# Every character that means something in a URL, a shell or a connection string.
PASSWORD = "p@ss:w/rd%"
QUOTED_PASSWORD = "p%40ss%3Aw%2Frd%25"


@contextmanager
def created(*, says: str = "") -> Iterator[str]:
    """Yield the URL of an empty database that is dropped afterwards.

    Args:
        says: what it says of itself; as a local stack's, one server may be for it and for what is tried out.
    """
    server, name = os.environ["TEST_DATABASE_URL"], f"contracts_{uuid.uuid4().hex[:12]}"
    yield postgres.create_database(server, name, says=says)
    postgres.drop_database(server, name)


@contextmanager
def created_role() -> Iterator[str]:
    """Yield a role with the password above, that may do everything."""
    name = f"contracts_{uuid.uuid4().hex[:12]}"
    role = sql.Identifier(name)
    run(os.environ["TEST_DATABASE_URL"], sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(role, PASSWORD))
    yield name
    run(os.environ["TEST_DATABASE_URL"], sql.SQL("DROP ROLE {}").format(role))


def as_role(url: str, role: str) -> str:
    """Return the same database as another role, with the password above."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}:{QUOTED_PASSWORD}@{place}").geturl()


def run(url: str, *statements: sql.Composed | str) -> None:
    """Run statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement) if isinstance(statement, str) else statement)


def one(url: str, query: str) -> object:
    """Return the first value of the first row; None when there is none."""
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.SQL(query)).fetchone()
    return row[0] if row else None
