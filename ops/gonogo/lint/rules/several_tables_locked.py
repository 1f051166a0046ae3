"""One transaction locks several tables that are in use."""

from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject, said
from gonogo.model import Severity

_TAKES_ALL = {
    "add_column", "drop_column", "alter_type", "set_not_null", "drop_not_null", "set_default", "drop_default",
    "add_check", "add_unique", "add_primary_key", "add_exclusion", "add_not_null", "drop_constraint", "drop_table",
    "rename_column", "rename_table", "set_schema", "truncate", "move_table", "enable_rls", "disable_rls", "force_rls",
    "drop_trigger", "owner", "attach_partition", "detach_partition", "create_partition", "add_identity",
    "drop_expression",
}  # fmt: skip
_TOO_MANY = 3


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each transaction that takes ACCESS EXCLUSIVE on more than one table which was there before."""
    transactions: dict[int, dict[str, Act]] = {}
    for act in subject.acts:
        if act.action.kind in _TAKES_ALL and not act.is_new and act.transaction is not None and act.action.table:
            transactions.setdefault(act.transaction, {}).setdefault(act.action.table, act)
    for tables in transactions.values():
        if len(tables) > 1:
            names = ", ".join(tables)
            yield said(
                [*tables.values()][-1],
                f"locks {len(tables)} tables in one transaction: {names}",
                why="the first stays locked for all while the last is waited for, and a query that takes them in "
                "another "
                "order ends in a deadlock",
                fix="one revision for each table, or a transaction of its own for each (with a lock_timeout): "
                + "; ".join(f"revision {number}: {name}" for number, name in enumerate(tables, start=1)),
                severity=Severity.BLOCK if len(tables) >= _TOO_MANY else Severity.ADVISE,
            )


RULE = Rule(reference="several-tables-locked", check=check)
