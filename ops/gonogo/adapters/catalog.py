"""What a database says of its own schema: how big tables are, what is half done, who would be in the way. Reads only.

Every statement is short-lived and takes no lock that another would wait for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from gonogo.adapters import contents
from gonogo.adapters.postgres import connected
from gonogo.model import Census, Filled, LockMode, MigrationRun, Place, Secret, Session, Standing, TableSize

# What is no bigger is counted, row by row; of everything else PostgreSQL's own estimate is taken.
_SMALL_BYTES = 16_000_000
_PATIENCE_MS = 1500
_SHOWN_RUNS = 50
_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
_SIZES = f"""
    SELECT n.nspname || '.' || c.relname, c.reltuples::bigint, {{size}}
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND {_OURS}
"""  # noqa: S608  # no value of anybody's is in it
_EXACT_SIZE = (
    "CASE c.relkind WHEN 'p' THEN (SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree(c.oid) p) "
    "ELSE pg_total_relation_size(c.oid) END"
)
_PAGES = "c.relpages::bigint * current_setting('block_size')::bigint"
_INVALID = f"""
    SELECT n.nspname || '.' || c.relname, n.nspname || '.' || t.relname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' AND {_OURS} ORDER BY 1
"""  # noqa: S608
_UNVALIDATED = f"""
    SELECT n.nspname || '.' || t.relname, c.conname
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE NOT c.convalidated AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608
_SCRATCH = r"SELECT datname FROM pg_database WHERE datname LIKE 'gonogo\_scratch\_%' ORDER BY 1"
_SESSIONS = """
    SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, 'unknown'),
           extract(epoch FROM clock_timestamp() - a.xact_start)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
      AND a.backend_type = 'client backend'
    UNION ALL
    SELECT 0, p.owner, p.gid, 'prepared', extract(epoch FROM clock_timestamp() - p.prepared)
    FROM pg_prepared_xacts p WHERE p.database = current_database()
    ORDER BY 5 DESC
"""
_HOLDS = f"""
    SELECT l.pid, n.nspname || '.' || c.relname, l.mode
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.granted AND l.locktype = 'relation' AND l.pid IS NOT NULL
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND {_OURS}
"""  # noqa: S608
_OBJECTS = f"""
    SELECT 'table ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND {_OURS}
    UNION ALL
    SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_OURS}
    UNION ALL
    SELECT 'index ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('i', 'I') AND {_OURS}
"""  # noqa: S608
_RUNS = """
    SELECT revision, direction, started_at, finished_at, attempts, coalesce("by", '')
    FROM gonogo_migrations ORDER BY id DESC LIMIT %s
"""


class SqlCatalog:
    """The catalog of an environment's database."""

    def __init__(self, url: Secret) -> None:
        """Prepare; nothing is contacted yet."""
        self._url = url

    def census(self, relations: Collection[str], places: Collection[Place]) -> Census:
        """Return how big some tables are, and how much is at some places; small tables are counted."""
        with _reading(self._url) as connection:
            sizes = _sizes(connection)
            shown = {name: _counted(connection, name, sizes[name]) for name in relations if name in sizes}
            filled = tuple(_filled(connection, place, sizes) for place in places if _is_there(connection, place))
        return Census(sizes=shown, filled=filled)

    def standing(self) -> Standing:
        """Return how the schema stands."""
        with _reading(self._url) as connection:
            holds = _holds(connection)
            runs, notes = _runs(connection)
            return Standing(
                versions=contents.versions(connection),
                invalid_indexes=_pairs(connection, _INVALID),
                unvalidated=_pairs(connection, _UNVALIDATED),
                scratch=tuple(str(row[0]) for row in connection.execute(_SCRATCH).fetchall()),
                sessions=tuple(_session(row, holds) for row in connection.execute(_SESSIONS).fetchall()),
                runs=runs,
                objects=frozenset(str(row[0]) for row in connection.execute(_OBJECTS).fetchall()),
                notes=notes,
            )


@contextmanager
def _reading(url: Secret) -> Iterator[psycopg.Connection]:
    """Open a connection that can only read, and gives up soon."""
    with connected(url) as connection:
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(f"SET statement_timeout = {_PATIENCE_MS}")
        connection.execute(f"SET lock_timeout = {_PATIENCE_MS // 3}")
        yield connection


def _rows(connection: psycopg.Connection, query: sql.Composed | str) -> list[tuple[Any, ...]] | None:
    """Return a query's rows; None where it took too long, or may not be asked."""
    try:
        return connection.execute(sql.SQL(query) if isinstance(query, str) else query).fetchall()
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege):
        return None


def _sizes(connection: psycopg.Connection) -> dict[str, TableSize]:
    """Return the size of every table and index; by their pages where one of them is locked against all."""
    rows = _rows(connection, _SIZES.format(size=_EXACT_SIZE)) or _rows(connection, _SIZES.format(size=_PAGES)) or []
    return {
        str(name): TableSize(rows=int(estimate) if estimate >= 0 else None, bytes=int(size or 0))
        for name, estimate, size in rows
    }


def _counted(connection: psycopg.Connection, relation: str, size: TableSize) -> TableSize:
    """Return a table's size with its rows counted, where it is small."""
    if size.bytes > _SMALL_BYTES:
        return size
    rows = _rows(connection, sql.SQL("SELECT count(*) FROM {}").format(_named(relation)))
    return TableSize(rows=int(rows[0][0]), bytes=size.bytes) if rows else size


def _is_there(connection: psycopg.Connection, place: Place) -> bool:
    """Return whether a table, or a column, exists."""
    schema, _, table = place.relation.partition(".")
    found = connection.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
        "AND (%s = '' OR column_name = %s) LIMIT 1",
        (schema, table, place.column, place.column),
    ).fetchone()
    return found is not None


def _filled(connection: psycopg.Connection, place: Place, sizes: Mapping[str, TableSize]) -> Filled:
    """Return how many rows, or values that are not NULL, are at a place."""
    size = sizes.get(place.relation, TableSize(rows=None, bytes=0))
    if size.bytes > _SMALL_BYTES:
        estimate = _estimated(connection, place, size)
        if estimate is not None:
            return Filled(place=place, values=estimate, is_exact=False)
    what = sql.SQL("count({})").format(sql.Identifier(place.column)) if place.column else sql.SQL("count(*)")
    rows = _rows(connection, sql.SQL("SELECT {} FROM {}").format(what, _named(place.relation)))
    return Filled(place=place, values=int(rows[0][0]) if rows else None)


def _estimated(connection: psycopg.Connection, place: Place, size: TableSize) -> int | None:
    """Return PostgreSQL's own estimate; None where it has none."""
    if size.rows is None or not place.column:
        return size.rows
    schema, _, table = place.relation.partition(".")
    row = connection.execute(
        "SELECT max(null_frac) FROM pg_stats WHERE schemaname = %s AND tablename = %s AND attname = %s",
        (schema, table, place.column),
    ).fetchone()
    return None if row is None or row[0] is None else round(size.rows * (1 - float(row[0])))


def _named(relation: str) -> sql.Identifier:
    """Return a relation as SQL names it."""
    schema, _, table = relation.partition(".")
    return sql.Identifier(schema, table)


def _pairs(connection: psycopg.Connection, query: str) -> tuple[tuple[str, str], ...]:
    """Return rows of two texts."""
    return tuple((str(one), str(other)) for one, other in connection.execute(sql.SQL(query)).fetchall())


def _holds(connection: psycopg.Connection) -> dict[int, list[tuple[str, LockMode]]]:
    """Return the locks on our tables by the sessions that have them."""
    names = {f"{mode.value.title().replace(' ', '')}Lock": mode for mode in LockMode}
    found: dict[int, list[tuple[str, LockMode]]] = {}
    for pid, relation, mode in connection.execute(sql.SQL(_HOLDS)).fetchall():
        if mode in names:
            found.setdefault(int(pid), []).append((str(relation), names[mode]))
    return found


def _session(row: Sequence[Any], holds: Mapping[int, list[tuple[str, LockMode]]]) -> Session:
    """Return one session."""
    pid, user, application, state, age_s = row
    return Session(
        pid=int(pid),
        user=str(user),
        application=str(application),
        state=str(state),
        age_s=float(age_s),
        holds=tuple(sorted(holds.get(int(pid), []))),
    )


def _runs(connection: psycopg.Connection) -> tuple[tuple[MigrationRun, ...], tuple[str, ...]]:
    """Return what the runner wrote down, and why that could not be read."""
    if connection.execute("SELECT to_regclass('gonogo_migrations')").fetchone() == (None,):
        return (), ()
    try:
        rows = connection.execute(_RUNS, (_SHOWN_RUNS,)).fetchall()
    except (psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege) as error:
        return (), (f"the table gonogo_migrations cannot be read: {error.diag.message_primary}",)
    return tuple(_run(row) for row in rows), ()


def _run(row: Sequence[Any]) -> MigrationRun:
    """Return one run."""
    revision, direction, began_at, ended_at, attempts, by = row
    return MigrationRun(
        revision=str(revision),
        direction=str(direction),
        began_at=began_at,
        ended_at=ended_at,
        attempts=int(attempts or 0),
        by=str(by),
    )
