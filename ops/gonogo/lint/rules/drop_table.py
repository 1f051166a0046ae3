"""A table is dropped, and its rows with it."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each table that is dropped and was there before."""
    for act in subject.old("drop_table"):
        table = act.action.table
        yield said(
            act,
            f"drops the table {table}",
            why=f"every row of {table} is gone, code that still runs fails on it, and tables that it references "
            "are locked",
            fix=(
                f"release N stops using {table}; release N+1, in a contract of its own:\n"
                f"pg_dump --table={table} … > kept.dump\n"
                f"DROP TABLE {table};"
            ),
            severity=subject.taking,
        )


RULE = Rule(reference="drop-table", check=check, covers=frozenset({"ban-drop-table"}))
