"""A database's schema, read from its catalog in a few statements."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from gonogo.model.schemas import Catalog, Column, Constraint, Relation, UniqueIndex

# What belongs to extensions changes with them, and is nobody's migration.
_OURS = """n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = {0}.oid AND e.deptype = 'e')"""
_NAME = "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || {0}"
_RELATIONS = f"""
    SELECT c.oid, {_NAME.format("c.relname")} AS name, c.relkind::text AS kind,
        CASE WHEN NOT c.relrowsecurity THEN '' WHEN c.relforcerowsecurity THEN 'forced' ELSE 'on' END AS hides_rows,
        ARRAY(SELECT coalesce(nullif(pg_get_userbyid(a.grantee), ''), 'PUBLIC') || ' ' || a.privilege_type
              FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner) AS granted
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS.format("c")}"""  # noqa: S608  # words of this module
_COLUMNS = """
    SELECT a.attrelid AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull AS not_null, coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS default,
        a.attgenerated::text AS generated, a.attidentity::text AS identity
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_CONSTRAINTS = f"""
    SELECT k.conrelid AS oid, k.conname AS name, k.contype::text AS kind, pg_get_constraintdef(k.oid) AS definition,
        ARRAY(SELECT a.attname FROM pg_attribute a
              WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey) ORDER BY a.attnum) AS columns,
        coalesce((SELECT {_NAME.format("r.relname")} FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
                  WHERE r.oid = k.confrelid), '') AS refers,
        CASE k.contype WHEN 'f' THEN k.confdeltype::text ELSE '' END AS on_delete
    FROM pg_constraint k WHERE k.conrelid = ANY(%s) AND k.contype IN ('c', 'f', 'p', 'u', 'x')"""  # noqa: S608  # words of this module
_UNIQUES = """
    SELECT i.indrelid AS oid, c.relname AS name, coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
        coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal,
        ARRAY(SELECT a.attname FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(number, place)
              LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
              ORDER BY k.place) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ANY(%s) AND i.indisunique AND i.indisvalid"""
_TRIGGERS = """
    SELECT t.tgrelid AS oid, t.tgname AS name, pg_get_triggerdef(t.oid) AS definition
    FROM pg_trigger t WHERE t.tgrelid = ANY(%s) AND NOT t.tgisinternal AND t.tgenabled <> 'D'"""
_ENUMS = f"""
    SELECT {_NAME.format("t.typname")} AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE {_OURS.format("t")} GROUP BY 1"""  # noqa: S608  # words of this module

Rows = dict[int, list[dict[str, Any]]]


def read(url: str) -> Catalog:
    """Return a database's schema.

    Args:
        url: of the database; it is only read.
    """
    with psycopg.connect(url, autocommit=True, row_factory=dict_row, connect_timeout=10) as connection:
        found = connection.execute(_RELATIONS).fetchall()
        oids = [row["oid"] for row in found]
        columns, constraints, uniques, triggers = (
            _grouped(connection.execute(query, (oids,)).fetchall())
            for query in (_COLUMNS, _CONSTRAINTS, _UNIQUES, _TRIGGERS)
        )
        relations = {
            row["name"]: Relation(
                name=row["name"],
                kind=row["kind"],
                hides_rows=row["hides_rows"],
                granted=frozenset(row["granted"]),
                columns={each["name"]: Column(**each) for each in columns[row["oid"]]},
                constraints=_constraints(constraints[row["oid"]]),
                uniques=tuple(
                    UniqueIndex(**{**each, "columns": tuple(each["columns"])}) for each in uniques[row["oid"]]
                ),
                triggers={each["name"]: each["definition"] for each in triggers[row["oid"]]},
            )
            for row in found
        }
        return Catalog(
            relations=relations,
            enums={row["name"]: tuple(row["labels"]) for row in connection.execute(_ENUMS)},
            revisions=_revisions(connection, relations),
        )


def _grouped(rows: Iterable[dict[str, Any]]) -> Rows:
    """Return rows by the relation that they are about, without its number."""
    found: Rows = defaultdict(list)
    for row in rows:
        found[row.pop("oid")].append(row)
    return found


def _constraints(rows: Iterable[dict[str, Any]]) -> dict[str, Constraint]:
    return {row["name"]: Constraint(**{**row, "columns": tuple(row["columns"])}) for row in rows}


def _revisions(connection: psycopg.Connection[dict[str, Any]], relations: dict[str, Relation]) -> tuple[str, ...]:
    """Return what Alembic says is applied; nothing where its table has another name."""
    if "alembic_version" not in relations:
        return ()
    rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    return tuple(row["version_num"] for row in rows)
