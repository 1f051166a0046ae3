"""A column is renamed."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each rename of a column that was there before."""
    for act in subject.old("rename_column"):
        if act.was == "new":
            continue
        table, old, new = act.action.table, act.action.column, act.action.target
        kind = act.old_type or "<type>"
        yield said(
            act,
            f"renames {table}.{old} to {new}",
            why=f"code that still runs fails at once: there is no column {old} any more",
            fix=(
                f"expand: ALTER TABLE {table} ADD COLUMN {new} {kind};\n"
                f"release N writes both and reads {new}; fill it in batches:\n"
                f"UPDATE {table} SET {new} = {old} WHERE id IN (SELECT id FROM {table} WHERE {new} IS NULL LIMIT "
                "1000);\n"
                f"contract, in release N+1: ALTER TABLE {table} DROP COLUMN {old};"
            ),
            severity=subject.taking,
        )


RULE = Rule(reference="rename-column", check=check, covers=frozenset({"renaming-column"}))
