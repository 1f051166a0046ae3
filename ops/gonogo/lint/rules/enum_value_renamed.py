"""An enum value is renamed, or edited in the catalog."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each value that code which still runs knows by another name."""
    for act in subject.every("rename_value"):
        name, old, new = act.action.name, act.action.text, act.action.target
        yield said(
            act,
            f"renames the value {old} of {name} to {new}",
            why=f"code that still runs writes {old} and fails, and does not know {new} when it reads it",
            fix=(
                f"add beside it: ALTER TYPE {name} ADD VALUE {new} AFTER {old};  -- in a revision of its own\n"
                f"release N reads both and writes {new}; then change the rows in batches; {old} stays, unused"
            ),
            severity=subject.taking,
        )
    for act in subject.every("update", "delete"):
        if act.action.table in {"pg_enum", "pg_catalog.pg_enum"}:
            yield said(
                act,
                "edits pg_enum",
                why="rows that hold the value can no longer be read, and an index over them is corrupt",
                fix="leave the value unused; or make a new type beside it, and a new column of that type",
            )


RULE = Rule(reference="enum-value-renamed", check=check)
