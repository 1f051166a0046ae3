"""A column's type becomes one that not every value fits."""

from collections.abc import Iterator

from gonogo.lint.conversions import Change, compare
from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each change of type that may lose or refuse values."""
    for act in subject.old("alter_type"):
        action = act.action
        verdict = compare(act.old_type, action.type, using=action.text, column=action.column, is_utc=act.was == "utc")
        if verdict is not Change.NARROWS:
            continue
        table, column, kind = action.table, action.column, action.type
        known = f"from {act.old_type} " if act.old_type else ""
        yield said(
            act,
            f"narrows {table}.{column} {known}to {kind}",
            why=f"a value that does not fit stops the release or is cut; {table} is looked through or rewritten "
            "while nobody "
            "can read it; code that still runs writes the old values",
            fix=(
                f"keep the type and forbid what does not fit:\n"
                f"ALTER TABLE {table} ADD CONSTRAINT {column.strip(chr(34))}_fits CHECK ({_fits(column, kind)}) "
                "NOT VALID;\n"
                f"{alone(f'ALTER TABLE {table} VALIDATE CONSTRAINT {column.strip(chr(34))}_fits')}"
            ),
        )


def _fits(column: str, kind: str) -> str:
    """Return a condition that says what a type would."""
    size = kind.partition("(")[2].rstrip(")")
    return f"char_length({column}) <= {size}" if "char" in kind and size else f"<{column} fits {kind}>"


RULE = Rule(reference="column-type-narrowed", check=check, covers=frozenset({"changing-column-type"}))
