"""A column becomes NOT NULL, and nothing proves yet that it has no nulls."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each SET NOT NULL that has to scan its table."""
    for act in subject.old("set_not_null"):
        if act.proof:
            continue
        yield said(
            act,
            f"sets {act.action.table}.{act.action.column} NOT NULL without a validated check",
            why=f"{act.action.table} is scanned while nobody can read it; one null, and the release fails",
            fix=_proved(act.action.table, act.action.column),
        )
    for act in subject.old("add_not_null"):
        if "not_valid" not in act.action.flags:
            yield said(
                act,
                f"adds a NOT NULL constraint to {act.action.table} that looks at every row",
                why=f"{act.action.table} is scanned while nobody can read it",
                fix=f"{' '.join(act.sql.split())} NOT VALID;\n"
                + alone(f"ALTER TABLE {act.action.table} VALIDATE CONSTRAINT {act.action.name}"),
            )
    for act in subject.old("alter_domain"):
        if act.action.text == "set not null":
            domain = act.action.name
            yield said(
                act,
                f"sets the domain {domain} NOT NULL",
                why=f"every table with a column of {domain} is scanned while nobody can write to it",
                fix=f"ALTER DOMAIN {domain} ADD CONSTRAINT not_null CHECK (VALUE IS NOT NULL) NOT VALID;\n"
                + alone(f"ALTER DOMAIN {domain} VALIDATE CONSTRAINT not_null"),
            )


def _proved(table: str, column: str) -> str:
    """Return the way on which nobody waits."""
    name = f"{table.rpartition('.')[2]}_{column}_not_null".replace('"', "")
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;\n"
        f"{alone(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')}\n"
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;  -- proved by the check: no scan\n"
        f"ALTER TABLE {table} DROP CONSTRAINT {name};"
    )


RULE = Rule(reference="set-not-null", check=check, covers=frozenset({"adding-not-nullable-field"}))
