"""What is in a database, asked with the very SQL of `ops/backup_db.sh`: both say the same of the same data.

A row's hash is PostgreSQL's own, as for hash partitioning: equal on each server of the same byte order. Types that
have none, and those whose hash holds an internal number (enums), are hashed as text. A table's digest is the sum of
its rows'.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import psycopg

SETTINGS = (
    "SET search_path = pg_catalog",
    "SET row_security = off",
    "SET statement_timeout = 0",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = postgres",
    "SET TimeZone = 'UTC'",
    "SET extra_float_digits = 3",
    "SET bytea_output = hex",
    "SET lc_monetary = 'C'",
    "SET jit = off",
)
FACTS = r"""WITH RECURSIVE here AS (SELECT * FROM pg_database WHERE datname = current_database()),
schemas AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'),
members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relations AS (SELECT c.* FROM pg_class c JOIN schemas n ON n.oid = relnamespace
    WHERE (1259, c.oid) NOT IN (SELECT classid::int, objid FROM members)),
needed AS ((SELECT refobjid AS oid FROM pg_shdepend WHERE dbid = (SELECT oid FROM here) AND refclassid = 1260
    UNION SELECT datdba FROM here) UNION SELECT roleid FROM pg_auth_members JOIN needed ON member = needed.oid),
roles AS (SELECT oid, rolname FROM pg_roles
    WHERE oid IN (SELECT oid FROM needed) AND oid <> 10 AND rolname NOT LIKE 'pg\_%'),
objects(kind, number) AS (
    SELECT CASE relkind WHEN 'r' THEN 'tables' WHEN 'p' THEN 'partitioned tables' WHEN 'v' THEN 'views'
        WHEN 'm' THEN 'materialized views' WHEN 'f' THEN 'foreign tables' ELSE 'composite types' END, count(*)
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c') GROUP BY 1
    UNION ALL SELECT 'indexes', count(*) FROM pg_index
        WHERE indisvalid AND indrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'constraints', count(*) FROM pg_constraint
        WHERE contype <> 'n' AND conrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'triggers', count(*) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'policies', count(*) FROM pg_policy WHERE polrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'functions', count(*) FROM pg_proc WHERE pronamespace IN (SELECT oid FROM schemas)
        AND (1255, oid) NOT IN (SELECT classid::int, objid FROM members))
SELECT json_build_object('database', current_database(),
    'server_version', split_part(current_setting('server_version'), ' ', 1),
    'encoding', pg_encoding_to_char(encoding),
    'locale', json_build_object('provider', to_jsonb(here) -> 'datlocprovider', 'collate', datcollate,
        'ctype', datctype, 'collation_version', to_jsonb(here) -> 'datcollversion',
        'icu', coalesce(to_jsonb(here) -> 'datlocale', to_jsonb(here) -> 'daticulocale')),
    'extensions', (SELECT coalesce(json_object_agg(extname, extversion ORDER BY extname), '{}') FROM pg_extension),
    'roles', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM roles),
    'memberships', (SELECT coalesce(json_agg(DISTINCT jsonb_build_array(rolname, pg_get_userbyid(roleid))), '[]')
        FROM roles JOIN pg_auth_members ON member = roles.oid),
    'objects', (SELECT coalesce(json_object_agg(kind, number ORDER BY kind), '{}') FROM objects WHERE number > 0))
FROM here"""
SEQUENCES = r"""SELECT coalesce(json_agg(json_build_array(nspname, relname, last_value) ORDER BY nspname, relname),
    '[]')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_sequences s ON schemaname = nspname AND sequencename = relname
WHERE relkind = 'S' AND NOT cycle
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 1259)"""
LARGE_OBJECTS = r"""WITH RECURSIVE pieces(oid, at, size, digest) AS (
    SELECT l.oid, 0::bigint, length(piece), hash_record_extended(ROW(l.oid, 0::bigint, piece), 0)
    FROM pg_largeobject_metadata l, LATERAL (SELECT lo_get(l.oid, 0, 1048576) AS piece OFFSET 0) read
    UNION ALL
    SELECT p.oid, at + 1048576, length(piece), hash_record_extended(ROW(p.oid, at + 1048576, piece), 0)
    FROM pieces p, LATERAL (SELECT lo_get(p.oid, at + 1048576, 1048576) AS piece OFFSET 0) read
    WHERE size = 1048576)
SELECT json_build_object('count', count(*) FILTER (WHERE at = 0), 'digest', coalesce(sum(digest), 0)::text)
FROM pieces"""
TABLES = r"""SELECT format('SELECT json_build_object(''schema'', %L::text, ''name'', %L::text, ''owner'', %L::text,'
    ' ''rows'', count(*), ''digest'', coalesce(sum(hash_record_extended(ROW(%s), 0)), 0)::text) FROM ONLY %I.%I t',
    nspname, relname, pg_get_userbyid(relowner), (SELECT string_agg(format(CASE
            WHEN collcollate IS NOT NULL AND NOT collisdeterministic THEN 't.%I::text COLLATE "C"'
            WHEN atttypid = ANY (plain) OR typelem = ANY (plain) AND typcategory = 'A' THEN 't.%I'
            ELSE 't.%I::text' END, attname), ', ' ORDER BY attname COLLATE "C")
        FROM pg_attribute JOIN pg_type y ON y.oid = atttypid LEFT JOIN pg_collation l ON l.oid = attcollation
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace,
    (SELECT ARRAY['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar', 'bpchar', 'bytea',
        'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'interval', 'jsonb']::regtype[]::oid[] AS plain) p
WHERE relkind = 'r' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 1259)
ORDER BY nspname, relname"""
# What a restored copy can be held against: all of the server's roles, whether or not this database needs them.
_ROLES = "SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_roles"
_MEMBERSHIPS = "SELECT pg_get_userbyid(member)::text, pg_get_userbyid(roleid)::text FROM pg_auth_members"
# Alembic's table: by its usual name, else the only one that looks like it, since a project may name and place it.
VERSION_TABLE = """
SELECT coalesce(to_regclass('alembic_version')::oid, (
    SELECT max(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) = ARRAY['version_num']
    HAVING count(*) = 1
))"""
_VERSIONS = f"SELECT ({VERSION_TABLE})::int8"
_REVISION = (
    "SELECT format('SELECT to_json(string_agg(version_num::text, '','' ORDER BY version_num)) FROM %s', oid::regclass) "
    "FROM pg_class WHERE oid = "
)


def document(connection: psycopg.Connection, *beside: psycopg.Connection) -> dict[str, Any]:
    """Return what is in a database as a manifest says it, with all roles of the server.

    Args:
        connection: to the database, which nobody changes meanwhile.
        beside: more of them; so many tables are read at a time.
    """
    versions = _value(connection, _VERSIONS)
    for each in (connection, *beside):
        for setting in SETTINGS:
            each.execute(setting.encode())
    facts, sequences = _value(connection, FACTS), _value(connection, SEQUENCES)
    facts["roles"] = _value(connection, _ROLES)
    facts["memberships"] = [list(row) for row in connection.execute(_MEMBERSHIPS.encode()).fetchall()]
    statements = [str(row[0]) for row in connection.execute(TABLES.encode()).fetchall()]
    return {
        "schema_revision": _value(connection, _value(connection, f"{_REVISION}{versions}")) if versions else None,
        "facts": facts,
        "large_objects": _value(connection, LARGE_OBJECTS),
        "sequences": sequences,
        "sequences_after": sequences,
        "tables": _values((connection, *beside), statements),
    }


def roles(connection: psycopg.Connection) -> set[str]:
    """Return all roles of a server."""
    return set(_value(connection, _ROLES))


def lacking(connection: psycopg.Connection, extensions: frozenset[str]) -> frozenset[str]:
    """Return which extensions a server does not have."""
    rows = connection.execute("SELECT name::text FROM pg_available_extensions").fetchall()
    return extensions - {str(row[0]) for row in rows}


def versions(connection: psycopg.Connection) -> tuple[str, ...]:
    """Return every row of Alembic's version table; none for a database without one."""
    found = _value(connection, f"SELECT ({VERSION_TABLE})::regclass::text")
    if found is None:
        return ()
    rows = connection.execute(f"SELECT version_num FROM {found} ORDER BY 1".encode()).fetchall()  # noqa: S608  # quoted
    return tuple(str(revision) for (revision,) in rows)


def _values(connections: Sequence[psycopg.Connection], queries: Sequence[str]) -> list[Any]:  # as `_value`
    """Return the only value of each query, as many at a time as there are connections."""
    free = SimpleQueue[psycopg.Connection]()
    for each in connections:
        free.put(each)

    def asked(query: str) -> Any:  # as `_value`
        connection = free.get()
        try:
            return _value(connection, query)
        finally:
            free.put(connection)

    with ThreadPoolExecutor(len(connections)) as pool:
        return list(pool.map(asked, queries))


def _value(connection: psycopg.Connection, query: str) -> Any:  # JSON's values, as psycopg reads them
    """Return the only value of a query; the queries are above, or made by them."""
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
