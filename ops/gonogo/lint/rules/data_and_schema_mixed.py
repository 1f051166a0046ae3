"""Rows are changed in the transaction that changes the schema."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said

_SCHEMA = {
    "add_column", "drop_column", "alter_type", "set_not_null", "add_check", "add_foreign_key", "add_unique",
    "add_primary_key", "drop_constraint", "rename_column", "rename_table", "create_index", "add_exclusion",
    "drop_table", "add_identity",
}  # fmt: skip


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each change of old rows that runs while a table which was there before is locked."""
    locked: dict[int, str] = {}
    for act in subject.acts:
        if act.action.kind in _SCHEMA and not act.is_new and act.transaction is not None:
            locked.setdefault(act.transaction, act.action.table)
    for act in subject.old("update", "delete", "insert"):
        is_small = act.action.kind == "insert" and "select" not in act.action.flags
        table = locked.get(act.transaction) if act.transaction is not None else None
        if table and not is_small and not act.action.table.startswith("pg_"):
            yield said(
                act,
                f"changes rows of {act.action.table} in the transaction that changes {table}",
                why=f"{table} stays locked until the rows are done",
                fix=f"two revisions: an expand with the change of {table}, then a data revision with:\n"
                f"{alone(' '.join(act.sql.split())[:300])}",
            )


RULE = Rule(reference="data-and-schema-mixed", check=check)
