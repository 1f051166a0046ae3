"""An enum type is made anew to lose a value."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each type that is put aside and made again."""
    made = {act.action.name for act in subject.every("create_type")}
    for act in subject.every("rename_type"):
        name = act.action.name
        if name in made:
            yield said(
                act,
                f"makes the enum type {name} anew",
                why="every table with a column of it is rewritten while nobody can read it; a row with a lost "
                "value stops the "
                "release; code that still runs may write one",
                fix=(
                    f"leave the value in {name}, unused, and forbid it where it is written:\n"
                    "ALTER TABLE <table> ADD CONSTRAINT <name> CHECK (<column> <> '<value>') NOT VALID;\n"
                    f"{alone('ALTER TABLE <table> VALIDATE CONSTRAINT <name>')}"
                ),
                severity=Severity.BLOCK,
            )


RULE = Rule(reference="enum-recreated", check=check)
