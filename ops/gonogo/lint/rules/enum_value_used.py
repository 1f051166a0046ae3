"""A new enum value is used in the transaction that adds it."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each statement that names a value which its own transaction adds."""
    made = {act.action.name for act in subject.every("create_type")}
    added = [(index, act) for index, act in enumerate(subject.acts) if act.action.kind == "add_value"]
    for index, add in added:
        value = add.action.text
        for act in subject.acts[index + 1 :]:
            is_same = act.transaction == add.transaction is not None and add.action.name not in made
            if is_same and value in act.sql and act.action.kind not in {"add_value", "quiet", "other"}:
                yield said(
                    act,
                    f"uses {value} in the transaction that adds it to {add.action.name}",
                    why="PostgreSQL refuses it (unsafe use of new value): the migration fails where the type "
                    "existed before",
                    fix=f"add the value in a revision of its own, before this one:\n{alone(' '.join(add.sql.split()))}",
                )


RULE = Rule(reference="enum-value-used", check=check)
