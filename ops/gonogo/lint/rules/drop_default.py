"""A default is dropped from a column that must have a value: code that still runs leaves it out."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each default that is taken away; grave where the column is known to be NOT NULL."""
    for act in subject.old("drop_default"):
        table, column = act.action.table, act.action.column
        is_required = act.was == "required"
        yield said(
            act,
            f"drops the default of {table}.{column}" + (", which is NOT NULL" if is_required else ""),
            why=f"code that still runs leaves {column} out of its INSERT into {table}: "
            + ("every one of them fails" if is_required else "its rows get no value, or fail if it is NOT NULL"),
            fix=f"leave it until the release that gives {column} a value is everywhere, then in a contract:\n"
            f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT;",
            severity=subject.taking if is_required else Severity.ADVISE,
        )


RULE = Rule(reference="drop-default", check=check, covers=frozenset({"ban-drop-default"}))
