"""One revision both adds and takes away."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_ADDS = {"add_column", "create_table", "add_foreign_key", "create_index"}
_TAKES = {"drop_column", "drop_table", "rename_column", "rename_table"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield a revision that no release can be on both sides of."""
    adds = next((act for act in subject.every(*_ADDS) if act.action.table), None)
    takes = next((act for act in subject.old(*_TAKES) if act.was != "new"), None)
    if adds and takes:
        away = f"{takes.action.table}.{takes.action.column}" if takes.action.column else takes.action.table
        new = adds.action.name or f"{adds.action.table}.{adds.action.column}".rstrip(".")
        yield said(
            takes,
            f"adds {new} and takes {away} away in one revision",
            why="the release before cannot run on the schema after, nor the new release on the schema before: no "
            "order of "
            "migrating and rolling out is without errors, and there is no way back",
            fix=f"expand: {' '.join(adds.sql.split())[:200]}\nthen a release that uses it; then, in a later release,\n"
            f"contract: {' '.join(takes.sql.split())[:200]}",
        )


RULE = Rule(reference="mixed-kinds", check=check)
