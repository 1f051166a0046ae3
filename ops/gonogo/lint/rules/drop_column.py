"""A column is dropped, and its values with it."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each column that is dropped and was there before."""
    for act in subject.old("drop_column"):
        if act.was == "new":
            continue
        table, column = act.action.table, act.action.column
        yield said(
            act,
            f"drops the column {table}.{column}",
            why=f"its values are gone, and code that still runs fails: it selects or inserts {column}",
            fix=(
                f"release N stops reading and writing {table}.{column} (ALTER TABLE {table} ALTER COLUMN {column} "
                "DROP NOT NULL; "
                f"if it is required); release N+1, in a contract of its own:\n"
                f"ALTER TABLE {table} DROP COLUMN {column};"
            ),
            severity=subject.taking,
        )


RULE = Rule(reference="drop-column", check=check, covers=frozenset({"ban-drop-column"}))
