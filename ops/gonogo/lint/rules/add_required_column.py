"""A column is added that every row must have a value for, and none is given."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_FILLED = {"serial", "identity", "stored", "virtual"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each new NOT NULL column without a default in the database."""
    for act in subject.old("add_column"):
        action = act.action
        if "not_null" not in action.flags or action.text not in {"", "null"} or action.flags & _FILLED:
            continue
        table, column = action.table, action.column
        yield said(
            act,
            f"adds {table}.{column} as NOT NULL without a default",
            why=f"it fails if {table} has a row; if it has none, code that still runs cannot insert any more",
            fix=(
                f"ALTER TABLE {table} ADD COLUMN {column} {action.type} NOT NULL DEFAULT <value>;  -- a constant: "
                "no rewrite\n"
                f'-- Alembic: sa.Column("{column}", …, server_default=…, nullable=False); default= alone is Python\'s\n'
                "drop the default, if it must go, one release later"
            ),
        )


RULE = Rule(reference="add-required-column", check=check, covers=frozenset({"adding-required-field"}))
