"""A column is added that has the table rewritten: serial, identity, stored generated, a domain with a condition."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_WORDS = {"serial": "serial", "identity": "an identity", "stored": "a stored generated column"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each new column that rewrites its table."""
    for act in subject.old("add_column"):
        sort = next((name for name in _WORDS if name in act.action.flags), "")
        table, column = act.action.table, act.action.column
        if act.was == "domain":
            yield said(
                act,
                f"adds {table}.{column} of the domain {act.action.type}, which not every value fits",
                why=f"{table} and all its indexes are rewritten while nobody can read it, to look at each row",
                fix=f"with the domain's own type, and its condition beside it:\n"
                f"ALTER TABLE {table} ADD COLUMN {column} …;\n"
                f"ALTER TABLE {table} ADD CONSTRAINT {column}_fits CHECK (…) NOT VALID;  -- validated later",
            )
        if not sort:
            continue
        yield said(
            act,
            f"adds {table}.{column} as {_WORDS[sort]}",
            why=f"{table} and all its indexes are rewritten while nobody can read it",
            fix=_generated(table, column, act.action.type)
            if sort == "stored"
            else _numbered(table, column, act.action.type),
        )


def _numbered(table: str, column: str, kind: str) -> str:
    """Return the way to a number for each row."""
    name = f"{table}_{column}_seq".replace('"', "")
    return (
        f"CREATE SEQUENCE {name};\n"
        f"ALTER TABLE {table} ADD COLUMN {column} {kind};\n"
        f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval('{name}');\n"
        f"then in batches: UPDATE {table} SET {column} = nextval('{name}')"
        f" WHERE id IN (SELECT id FROM {table} WHERE {column} IS NULL LIMIT 1000);"
    )


def _generated(table: str, column: str, kind: str) -> str:
    """Return the way to a value that follows others."""
    return (
        f"PostgreSQL 18: ALTER TABLE {table} ADD COLUMN {column} {kind} GENERATED ALWAYS AS (…) VIRTUAL;\n"
        f"before 18: ALTER TABLE {table} ADD COLUMN {column} {kind}; a trigger that fills it; the old rows in batches"
    )


RULE = Rule(reference="rewriting-column", check=check, covers=frozenset({"adding-serial-primary-key-field"}))
