"""A SECURITY DEFINER function that PUBLIC may execute."""

from collections.abc import Iterator

from gonogo.lint import functions
from gonogo.lint.records import Advice, Rule, Subject, said

WHY = "every role of the server can do what its owner can; a new function begins with EXECUTE for PUBLIC"


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each such function that a revision leaves open."""
    for act, definition in functions.left_by(subject.acts):
        for message, fix in judge(definition):
            yield said(act, message, why=WHY, fix=fix)


def judge(definition: functions.Definition) -> Iterator[tuple[str, str]]:
    """Yield that PUBLIC may execute a function, and how to forbid it; also for one read from a catalog."""
    if definition.is_definer and definition.is_public and not definition.is_trigger:
        name = definition.signature
        yield (
            f"{name} is SECURITY DEFINER, and PUBLIC may execute it",
            f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;  -- then GRANT it TO <role>",
        )


RULE = Rule(reference="definer-public", check=check)
