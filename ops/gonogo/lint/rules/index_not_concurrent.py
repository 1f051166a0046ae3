"""An index is built or dropped under a lock."""

import re
from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each index on a table that was there before without CONCURRENTLY."""
    for act in subject.old("create_index"):
        if act.action.flags & {"concurrently", "only"}:
            continue
        name, table = act.action.name or "an index", act.action.table
        better = re.sub(
            r"(?i)\bindex\s+(?:if\s+not\s+exists\s+)?", "INDEX CONCURRENTLY ", " ".join(act.sql.split()), count=1
        )
        yield said(
            act,
            f"builds {name} on {table} without CONCURRENTLY",
            why=f"nobody can write to {table} until the index is built",
            fix=f"in a revision of its own:\n{alone(f'DROP INDEX CONCURRENTLY IF EXISTS {name}', better)}\n"
            "# Alembic: op.create_index(…, postgresql_concurrently=True) in the same block",
        )
    for act in subject.old("drop_index"):
        if "concurrently" not in act.action.flags:
            table = act.was or "its table"
            yield said(
                act,
                f"drops the index {act.action.name} without CONCURRENTLY",
                why=f"it waits for every query on {table}, and all later ones wait behind it",
                fix=f"in a revision of its own:\n{alone(f'DROP INDEX CONCURRENTLY IF EXISTS {act.action.name}')}",
            )


RULE = Rule(
    reference="index-not-concurrent",
    check=check,
    covers=frozenset({"ban-drop-index", "require-concurrent-index-creation", "require-concurrent-index-deletion"}),
)
