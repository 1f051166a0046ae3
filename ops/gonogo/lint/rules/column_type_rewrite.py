"""A column's type changes in a way that rewrites the table."""

from collections.abc import Iterator

from gonogo.lint.conversions import Change, compare
from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each change of type for which PostgreSQL writes every row anew."""
    for act in subject.old("alter_type"):
        action = act.action
        verdict = compare(act.old_type, action.type, using=action.text, column=action.column, is_utc=act.was == "utc")
        if verdict is not Change.REWRITES and (verdict is Change.NARROWS or "collated" not in action.flags):
            continue
        known = f"from {act.old_type} " if act.old_type else ""
        yield said(
            act,
            f"changes the type of {action.table}.{action.column} {known}to {action.type}",
            why=f"{action.table} and all its indexes are rewritten while nobody can read it"
            + ("" if act.old_type else " (its type before is not known here)"),
            fix=beside(action.table, action.column, action.type, action.text),
        )


def beside(table: str, column: str, kind: str, using: str) -> str:
    """Return the way through a second column."""
    new, value = f"{column.strip(chr(34))}_new", using or f"{column}::{kind}"
    return (
        f"ALTER TABLE {table} ADD COLUMN {new} {kind};\n"
        f"release N writes both (or a trigger does); fill it in batches:\n"
        f"UPDATE {table} SET {new} = {value} WHERE id IN (SELECT id FROM {table} WHERE {new} IS NULL LIMIT 1000);\n"
        f"release N+1 reads {new}; then, in a contract: ALTER TABLE {table} DROP COLUMN {column};"
    )


RULE = Rule(reference="column-type-rewrite", check=check, covers=frozenset({"changing-column-type"}))
