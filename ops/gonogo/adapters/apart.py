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


class Nearness(Enum):
    """How near two databases are."""

    SAME = "the same database"
    SERVER = "another database of the same server"
    APART = "another server"


def nearness(here: psycopg.Connection, there: psycopg.Connection) -> Nearness:
    """Return how near the databases of two connections are."""
    key = secrets.randbits(62)
    here.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        seen = there.execute(_SEEN, [key]).fetchall()
        return Nearness.SAME if (True,) in seen else Nearness.SERVER if seen else Nearness.APART
    finally:
        here.execute("SELECT pg_advisory_unlock(%s)", [key])
