"""What others could wait for: the relations of a database as they were before a revision."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

# Locks on indexes and sequences that no reader or writer of rows could wait for are left out.
_SIDE_KINDS = {"i", "I", "S"}
# The table in which the runner writes what it ran: as little the revision's as Alembic's own.
RECORD = "gonogo_migrations"
_STRENGTH_OF_SHARE_UPDATE_EXCLUSIVE = 4
_KNOWN = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, coalesce(i.indrelid, 0)::bigint, c.relpages
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'i', 'I', 'm', 'v', 'S', 'f')
  AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """A relation.

    Attributes:
        kind: PostgreSQL's letter for it.
        table: the oid of the table of an index; 0 for others.
        pages: how large it was when it was analyzed.
    """

    oid: int
    schema: str
    name: str
    kind: str
    table: int
    pages: int

    @property
    def label(self) -> str:
        """Return `schema.name`."""
        return f"{self.schema}.{self.name}"

    def is_noted(self, strength: int) -> bool:
        """Return whether a lock of this strength on it is worth telling."""
        return self.kind not in _SIDE_KINDS or strength >= _STRENGTH_OF_SHARE_UPDATE_EXCLUSIVE


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of a database at one moment, by oid; Alembic's own table is not among them."""

    known: Mapping[int, Relation] = field(default_factory=dict)

    def of(self, oid: int) -> Relation | None:
        """Return a relation; None for one that came later, of the system, or of Alembic."""
        return self.known.get(oid)

    def table(self, oid: int) -> Relation | None:
        """Return the table that a relation belongs to, or is."""
        relation = self.known.get(oid)
        return self.known.get(relation.table, relation) if relation else None

    def largest(self, count: int) -> tuple[Relation, ...]:
        """Return the largest tables."""
        tables = [each for each in self.known.values() if each.kind in {"r", "p"}]
        return tuple(sorted(tables, key=lambda each: (-each.pages, each.label))[:count])

    def named(self, words: frozenset[str]) -> tuple[Relation, ...]:
        """Return the tables that some words may mean."""
        return tuple(each for each in self.known.values() if each.kind in {"r", "p", "m"} and each.name in words)


def known(connection: psycopg.Connection, *, without: tuple[str, str] = ("", "alembic_version")) -> Relations:
    """Return the relations that are there for others now.

    Args:
        connection: to the copy.
        without: the schema and the name of Alembic's own table; an empty schema is whichever. The runner's is left out.
    """
    found = [
        Relation(oid=oid, schema=schema, name=name, kind=kind, table=table, pages=pages)
        for oid, schema, name, kind, table, pages in connection.execute(_KNOWN).fetchall()
    ]
    schema, table = without
    ours = {each.oid for each in found if each.name == RECORD or (each.name == table and schema in {"", each.schema})}
    return Relations({each.oid: each for each in found if each.oid not in ours and each.table not in ours})
