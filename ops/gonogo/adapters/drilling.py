"""A scratch database for one drill: a backup restored, held against its manifest, and gone at the end.

It stands behind the guards of a trial's copy: a name of our own, a mark on the server, a lock as long as we live, and
never on the database that is served. What a killed drill leaves is dropped by the next one, or by the next trial.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from gonogo.adapters.postgres import Postgres, connected
from gonogo.adapters.trials import copies
from gonogo.errors import RefusedError
from gonogo.model import Backup, Secret

_MARK = "gonogo "
_MARKED = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
_AMCHECK = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck')"
_INDEXES = """
SELECT format('%%I.%%I', nspname, relname), c.oid::int8 FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
JOIN pg_am a ON a.oid = relam JOIN pg_namespace n ON n.oid = relnamespace
WHERE amname = 'btree' AND relkind = 'i' AND indisvalid AND relpersistence = 'p' AND nspname NOT LIKE 'pg\\_%%'
"""
_WRITTEN = "SELECT relname::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillCopy:
    """A backup, restored: a copy of all data that anything may be done to.

    Attributes:
        url: where it is.
        rows: per table, as the manifest counted them.
    """

    url: Secret
    rows: Mapping[str, int]

    def damage(self) -> tuple[str, ...] | None:
        """Return which indexes do not fit their tables, by amcheck; None where the server has no amcheck for us."""
        with connected(self.url) as connection:
            row = connection.execute(_AMCHECK).fetchone()
            if not (row and row[0]):
                return None
            try:
                connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
            except psycopg.errors.InsufficientPrivilege:
                return None
            indexes = connection.execute(_INDEXES.encode()).fetchall()
            return tuple(said for name, oid in indexes if (said := _checked(connection, str(name), int(oid))))

    def settle(self) -> None:
        """Make the statistics that a release needs to be quick on it: a dump carries none."""
        with connected(self.url) as connection:
            connection.execute("ANALYZE")

    def written(self) -> Mapping[str, int]:
        """Return how many rows were ever written to each table, as the server's statistics say by now."""
        with connected(self.url) as connection:
            return {str(name): int(count) for name, count in connection.execute(_WRITTEN).fetchall()}


def _checked(connection: psycopg.Connection, name: str, oid: int) -> str:
    """Return what is wrong with an index; empty for a sound one."""
    try:
        connection.execute("SELECT bt_index_parent_check(%s::oid::regclass, true)", [oid])
    except psycopg.errors.InsufficientPrivilege:
        raise
    except psycopg.Error as error:
        return f"the index {name} does not fit its table: {error.diag.message_primary}"
    return ""


@contextmanager
def restored(server: Secret, backup: Backup, name: str, *, target: Secret | None) -> Iterator[DrillCopy]:
    """Yield a backup restored and held against its manifest; the copy is dropped whatever happens.

    Args:
        server: any database of the scratch server; the role may create databases.
        backup: what is restored.
        name: of the copy; only one that carries our mark.
        target: the database that is served, which must not be it; None where nothing can be hurt.

    Raises:
        RefusedError: it cannot be restored, is something else than was dumped, or this is no place for it.
        UnreachableError: the server does not answer.
    """
    with copies.held(server, name, target=target) as held:
        _refuse_unmarked(server, name)
        scratch = Postgres(server, scratch_url=server)
        scratch.refuse_unfit(backup)
        with held.original(backup) as copy:
            yield DrillCopy(url=copy.secret, rows=scratch.compare(backup, copy.name))


def _refuse_unmarked(server: Secret, name: str) -> None:
    """Refuse a database of this name that does not say that it is ours: it would be dropped.

    Raises:
        RefusedError: there is one.
    """
    with connected(server) as connection:
        row = connection.execute(_MARKED, [name]).fetchone()
    if row and not str(row[0] or "").startswith(_MARK):
        message = f"{name} is there and does not say that it is a scratch database of ours"
        raise RefusedError("not-a-scratch", message, where=server.name, why="a drill drops what it works in")
