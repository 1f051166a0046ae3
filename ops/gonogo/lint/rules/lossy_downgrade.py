"""The way back loses data, and the revision says that it can be taken back."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_FIX = "reversible = False  # beside down_revision: a rollback then leaves the schema, and only the code goes back"


def check(subject: Subject) -> Iterator[Advice]:
    """Yield a declared way back that cannot bring back, or that deletes."""
    if subject.source.reversible is not True:
        return
    for act in subject.old("drop_table", "drop_column", "truncate"):
        if act.was != "new":
            what = f"{act.action.table}.{act.action.column}" if act.action.column else act.action.table
            yield said(
                act,
                f"declares itself reversible, and no downgrade brings the values of {what} back",
                why=f"a rollback leaves {what} empty and says that all is as before",
                fix=_FIX,
            )
    for act in subject.undone:
        if act.action.kind in {"delete", "truncate"}:
            yield said(
                act,
                f"declares itself reversible, and its downgrade deletes rows of {act.action.table}",
                why="an automatic rollback deletes what users have written since",
                fix=_FIX,
            )


RULE = Rule(reference="lossy-downgrade", check=check)
