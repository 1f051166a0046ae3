"""What a revision leaves in the catalog: which files are new, and which columns there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from gonogo.model import Rewrite

# Told by the migrating session itself, which sees what it has not committed. No percent sign: drivers read those.
_OURS = "n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'"
QUERIES: Mapping[str, str] = {
    "files": f"""
SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relkind::text, coalesce(i.indrelid, 0)::bigint,
       coalesce(pg_relation_filenode(c.oid), 0)::bigint, coalesce(pg_relation_size(c.oid), 0)::bigint,
       coalesce(pg_table_size(c.oid), 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'i', 'm') AND {_OURS}
""",  # noqa: S608  # our own words
    "columns": f"""
SELECT c.oid::bigint, n.nspname, c.relname, a.attnum::int, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND {_OURS}
""",  # noqa: S608  # our own words
}
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A table's or an index's file.

    Attributes:
        table: the oid of an index's table; 0 for a table.
        node: the file; another one means that it was written anew, or emptied.
        size: of its main part.
        whole: with what belongs to it.
    """

    oid: int
    label: str
    table: int
    node: int
    size: int
    whole: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column that holds values; a partition's stand in its parent."""

    oid: int
    schema: str
    table: str
    number: int
    name: str
    type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """Files and columns at one moment."""

    files: tuple[File, ...]
    columns: tuple[Column, ...]


def of(connection: psycopg.Connection) -> Catalog:
    """Return what is there for others now."""
    return read({name: connection.execute(query.encode()).fetchall() for name, query in QUERIES.items()})


def read(told: Mapping[str, Any]) -> Catalog:
    """Return what the queries have told."""
    files = (
        File(oid=oid, label=label, table=table, node=node, size=size, whole=whole)
        for oid, label, _, table, node, size, whole in told.get("files", ())
    )
    columns = (
        Column(oid=oid, schema=schema, table=table, number=number, name=name, type=kind)
        for oid, schema, table, number, name, kind in told.get("columns", ())
    )
    return Catalog(files=tuple(files), columns=tuple(columns))


def rewrites(before: Catalog, after: Catalog) -> tuple[Rewrite, ...]:
    """Return the tables and indexes that were written anew, the largest first.

    What was emptied has a new file, too, and so have its indexes: that is none. A table that was put in another's
    place under its name is one.
    """
    by_oid = {each.oid: each for each in before.files}
    by_name = {each.label: each for each in before.files}
    changed = []
    for each in after.files:
        former = by_oid.get(each.oid) or by_name.get(each.label)
        if former is not None and former.node != each.node:
            changed.append(each)
    emptied = {each.oid for each in changed if not each.table and not each.size}
    written = [each for each in changed if each.size and each.table not in emptied]
    found = (Rewrite(relation=each.label, bytes=each.size if each.table else each.whole) for each in written)
    return tuple(sorted(found, key=lambda each: -each.bytes))
