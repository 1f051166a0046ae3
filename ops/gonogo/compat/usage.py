"""What an earlier release does with each table, read from its models and from the SQL that it sends."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gonogo.model.schemas import Catalog, ModelColumn, Models, Sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What is known of a release's doings.

    Attributes:
        models: what its models know; empty tables where they could not be asked.
        tables: that its statements name, by statement.
        inserts: the columns of each INSERT into a table; None for all of them.
        updates: the columns that are set, by table.
        deletes: the tables that rows are deleted from.
    """

    models: Models
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inserts: Mapping[str, tuple[frozenset[str] | None, ...]] = field(default_factory=dict)
    updates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    deletes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, models: Models, sent: Sequence[Sent], catalog: Catalog) -> "Usage":
        """Return what models and statements say."""
        reader = _Reader(catalog)
        for sql in dict.fromkeys(each.sql for each in sent):
            reader.read(sql)
        return cls(
            models=models,
            tables=reader.tables,
            inserts={name: tuple(found) for name, found in reader.inserts.items()},
            updates={name: frozenset(found) for name, found in reader.updates.items()},
            deletes=frozenset(reader.deletes),
        )

    @property
    def is_blind(self) -> bool:
        """Return whether no model is known: then everything counts as used."""
        return not self.models.tables

    def uses(self, relation: str) -> bool:
        """Return whether a relation is used."""
        return self.is_blind or relation in self.models.tables or any(relation in each for each in self.tables.values())

    def writes(self, relation: str) -> bool:
        """Return whether rows of a relation are written."""
        return self.is_blind or relation in self.models.tables or relation in self.inserts or relation in self.updates

    def column(self, relation: str, column: str) -> ModelColumn | None:
        """Return a column as a model knows it; None when none does."""
        return self.models.tables.get(relation, {}).get(column)

    def knows(self, relation: str, column: str) -> bool:
        """Return whether a column counts as used; what only statements use, the database's answers tell."""
        return self.is_blind or self.column(relation, column) is not None

    def always_gives(self, relation: str, column: str) -> bool:
        """Return whether each INSERT that was seen names a column, and one was seen."""
        seen = self.inserts.get(relation, ())
        return bool(seen) and all(each is None or column in each for each in seen)

    def never_gives(self, relation: str, column: str) -> bool:
        """Return whether an INSERT was seen, and nothing that was seen writes the column."""
        seen = self.inserts.get(relation, ())
        named = any(each is None or column in each for each in seen)
        return bool(seen) and not named and column not in self.updates.get(relation, frozenset())


class _Reader:
    """Statements taken apart; one that cannot be read adds nothing."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.tables: dict[str, tuple[str, ...]] = {}
        self.inserts: dict[str, list[frozenset[str] | None]] = defaultdict(list)
        self.updates: dict[str, set[str]] = defaultdict(set)
        self.deletes: set[str] = set()

    def read(self, sql: str) -> None:
        """Take one statement in."""
        try:
            tree = sqlglot.parse_one(sql, read="postgres")
        except (SqlglotError, RecursionError, ValueError):
            return
        self.tables[sql] = tuple(
            dict.fromkeys(name for each in tree.find_all(exp.Table) if (name := _name(each)) in self._catalog.relations)
        )
        for insert in tree.find_all(exp.Insert):
            self._insert(insert)
        for update in tree.find_all(exp.Update):
            self._update(update)
        self.deletes |= {_name(each.this) for each in tree.find_all(exp.Delete) if isinstance(each.this, exp.Table)}

    def _insert(self, insert: exp.Insert) -> None:
        into = insert.this
        table = into.this if isinstance(into, exp.Schema) else into
        if not isinstance(table, exp.Table):
            return
        named = frozenset(each.name for each in into.expressions) if isinstance(into, exp.Schema) else None
        self.inserts[_name(table)].append(named)
        conflict = insert.args.get("conflict")
        if isinstance(conflict, exp.Expression):
            self.updates[_name(table)] |= _set(conflict.args.get("expressions") or [])

    def _update(self, update: exp.Update) -> None:
        if isinstance(update.this, exp.Table):
            self.updates[_name(update.this)] |= _set(update.expressions)


def _set(expressions: Sequence[exp.Expression]) -> set[str]:
    """Return the columns that assignments set."""
    return {each.this.name for each in expressions if isinstance(each, exp.EQ)}


def _name(table: exp.Table) -> str:
    return table.name if table.db in {"", "public"} else f"{table.db}.{table.name}"
