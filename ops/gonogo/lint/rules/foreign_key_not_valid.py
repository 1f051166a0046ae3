"""A foreign key is added that looks at every row at once."""

from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each foreign key on a table that was there before and is checked under a lock."""
    for act in subject.old("add_foreign_key"):
        action = act.action
        if "not_valid" in action.flags or ("inline" in action.flags and not _has_default(subject, act)):
            continue
        table, columns = action.table, ", ".join(action.columns)
        name = action.name or f"fk_{table}_{'_'.join(action.columns)}".replace('"', "").replace(".", "_")
        yield said(
            act,
            f"adds a foreign key from {table} ({columns}) to {action.target} and checks every row at once",
            why=f"nobody can write to {table} or {action.target} while every row of {table} is looked up",
            fix=(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {action.text} NOT "
                "VALID;\n"
                f"# Alembic: op.create_foreign_key(…, postgresql_not_valid=True)\n"
                f"{alone(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')}"
            ),
        )


def _has_default(subject: Subject, act: Act) -> bool:
    """Return whether the column of an inline foreign key has values at once; without, no row is checked."""
    return any(
        each.action.text not in {"", "null"}
        for each in subject.every("add_column")
        if (each.action.table, (each.action.column,)) == (act.action.table, act.action.columns)
    )


RULE = Rule(
    reference="foreign-key-not-valid",
    check=check,
    covers=frozenset({"adding-foreign-key-constraint", "constraint-missing-not-valid"}),
)
