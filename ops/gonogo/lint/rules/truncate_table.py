"""A table is emptied."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each TRUNCATE of a table that was there before."""
    for act in subject.old("truncate"):
        table = act.action.table
        yield said(
            act,
            f"empties the table {table}",
            why=f"every row of {table} is gone, and readers wait: TRUNCATE takes ACCESS EXCLUSIVE",
            fix=(
                f"if the rows really may go, keep them first: pg_dump --table={table} …; then delete in batches:\n"
                f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 10000);  -- until it deletes none"
            ),
        )


RULE = Rule(reference="truncate-table", check=check, covers=frozenset({"ban-truncate-cascade"}))
