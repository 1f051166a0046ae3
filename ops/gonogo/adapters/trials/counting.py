"""How many values a step has taken away: rows and non-NULL values, counted before and after it."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from gonogo.adapters.trials.catalogs import Catalog, Column
from gonogo.model import Lost

_FITTING = sql.SQL("SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM {column}::{new}::{old}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The values of a table.

    Attributes:
        values: how many there are that are not NULL, by the column's number.
        unfit: how many would not come back from the type that the column is about to get, by its number.
    """

    oid: int
    schema: str
    name: str
    rows: int
    columns: Mapping[int, str]
    values: Mapping[int, int]
    unfit: Mapping[int, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return `schema.name`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a step changes, as another copy has shown it: oids differ from copy to copy, names and numbers do not.

    Attributes:
        tables: `schema.name` of the tables whose values it may take away, as they are called before it.
        types: by table and number of the column, its type afterwards.
    """

    tables: frozenset[str]
    types: Mapping[tuple[str, int], str]


def step(before: Catalog, after: Catalog, more: Collection[int], *, without: str) -> Step:
    """Return what a step changes: the tables whose columns it does, and those that are known otherwise.

    Args:
        before: what there was.
        after: what there was after it.
        more: the oids of tables that it may have changed.
        without: Alembic's own table.
    """
    labels = {each.oid: f"{each.schema}.{each.table}" for each in before.columns if each.table != without}
    kept = {(each.oid, each.number): each.type for each in after.columns}
    changed = {each.oid for each in before.columns if kept.get((each.oid, each.number)) != each.type}
    there = labels.keys() & (changed | set(more))
    return Step(
        tables=frozenset(labels[oid] for oid in there),
        types={(labels[oid], number): kind for (oid, number), kind in kept.items() if oid in labels},
    )


def counted(connection: psycopg.Connection, catalog: Catalog, step: Step) -> tuple[Table, ...]:
    """Return the values of the tables that a step changes.

    Args:
        connection: to the copy.
        catalog: what is there now.
        step: what comes; a type that changes is tried on each value.
    """
    columns: dict[str, list[Column]] = {}
    for each in catalog.columns:
        columns.setdefault(f"{each.schema}.{each.table}", []).append(each)
    return tuple(_table(connection, columns[label], step.types) for label in sorted(step.tables & columns.keys()))


def _table(connection: psycopg.Connection, columns: list[Column], types: Mapping[tuple[str, int], str]) -> Table:
    first = columns[0]
    label = f"{first.schema}.{first.table}"
    name = sql.Identifier(first.schema, first.table)
    counts = sql.SQL(", ").join(sql.SQL("count({})").format(sql.Identifier(each.name)) for each in columns)
    row = connection.execute(sql.SQL("SELECT count(*), {} FROM {}").format(counts, name)).fetchone() or ()
    unfit = {
        each.number: _unfit(connection, name, each, new)
        for each in columns
        if (new := types.get((label, each.number), each.type)) != each.type
    }
    return Table(
        oid=first.oid,
        schema=first.schema,
        name=first.table,
        rows=int(row[0]),
        columns={each.number: each.name for each in columns},
        values={each.number: int(value) for each, value in zip(columns, row[1:], strict=True)},
        unfit=unfit,
    )


def _unfit(connection: psycopg.Connection, table: sql.Identifier, column: Column, new: str) -> int:
    """Return how many values do not survive a type; 0 where there is no plain way there and back."""
    types = {"new": sql.SQL(new), "old": sql.SQL(column.type)}  # both as the catalog says
    with suppress(psycopg.Error):
        row = connection.execute(_FITTING.format(table=table, column=sql.Identifier(column.name), **types)).fetchone()
        return int(row[0]) if row else 0
    return 0


def lost(connection: psycopg.Connection, before: Iterable[Table], after: Catalog) -> tuple[Lost, ...]:
    """Return what was there before a step and is not any more.

    Args:
        connection: to the copy, after the step.
        before: what was counted.
        after: what is there now. A table that was replaced by another of its name is that one.
    """
    found: list[Lost] = []
    for table in before:
        columns = [each for each in after.columns if each.oid == table.oid]
        is_same = bool(columns)
        columns = columns or [each for each in after.columns if (each.schema, each.table) == (table.schema, table.name)]
        if not columns:
            if table.rows and not _is_there(connection, table.oid):
                found.append(Lost(relation=table.label, column="", values=table.rows))
            continue
        now = _table(connection, columns, {})
        found += _gone(table, now, is_same=is_same)
    return tuple(found)


def _is_there(connection: psycopg.Connection, oid: int) -> bool:
    """Return whether a table is there, if only as a partition of another."""
    return connection.execute("SELECT FROM pg_class WHERE oid = %s", [oid]).fetchone() is not None


def _gone(table: Table, now: Table, *, is_same: bool) -> Iterable[Lost]:
    """Yield the rows and values of a table that are gone; a column is known by its number, else by its name."""
    rows = max(0, table.rows - now.rows)
    if rows:
        yield Lost(relation=table.label, column="", values=rows)
    named = {name: now.values[number] for number, name in now.columns.items()}
    for number, name in table.columns.items():
        left = now.values.get(number, 0) if is_same else named.get(name, 0)
        values = table.values[number] - left
        values = max(values if values > rows else 0, min(table.unfit.get(number, 0), table.values[number]))
        if values > 0:
            yield Lost(relation=table.label, column=name, values=values)
