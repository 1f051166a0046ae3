"""A DELETE without WHERE."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each DELETE of every row of a table that was there before."""
    for act in subject.old("delete"):
        if "where" in act.action.flags and act.action.text not in {"true", "1 = 1"}:
            continue
        table = act.action.table
        yield said(
            act,
            f"deletes every row of {table}",
            why=f"all that users have in {table} is gone; the rows stay locked until the transaction ends",
            fix=(
                f"say which rows: DELETE FROM {table} WHERE …; many of them in batches, outside of the transaction:\n"
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE … LIMIT 10000);  -- until it "
                "deletes none"
            ),
        )


RULE = Rule(reference="delete-all-rows", check=check)
