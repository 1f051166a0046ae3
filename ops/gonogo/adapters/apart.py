"""How near two databases are, however their URLs are written: by another role, address or tunnel."""

import secrets
from enum import Enum

import psycopg

# A lock is seen from every database of its server, and from no other server: a restored or cloned one has the same
# system identifier, and an address says nothing through a tunnel.
_SEEN = """
SELECT database = (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND ((classid::bigint << 32) | objid::bigint) = %s
"""
# What the database of a local stack says of itself; nobody is served there but its owner.
STACK = "gonogo stack"
_OF_STACK = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"


class Nearness(Enum):
    """How near two databases are."""

    SAME = "the same database"
    SERVER = "another database of the same server"
    APART = "another server"


def nearness(here: psycopg.Connection, there: psycopg.Connection) -> Nearness:
    """Return how near the databases of two connections are.

    Args:
        here: to the scratch server.
        there: to what must not be hurt; a local stack's other databases are as good as another server.
    """
    key = secrets.randbits(62)
    here.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        seen = there.execute(_SEEN, [key]).fetchall()
        if (True,) in seen:
            return Nearness.SAME
        is_stack = there.execute(_OF_STACK).fetchone() == (STACK,)
        return Nearness.SERVER if seen and not is_stack else Nearness.APART
    finally:
        here.execute("SELECT pg_advisory_unlock(%s)", [key])
