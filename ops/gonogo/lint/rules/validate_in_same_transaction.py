"""A constraint is validated in the transaction that adds it."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each VALIDATE that runs while the lock of the ADD is still held."""
    added = {
        (act.action.table, act.action.name, act.transaction)
        for act in subject.acts
        if act.action.kind.startswith("add_") and "not_valid" in act.action.flags and act.transaction is not None
    }
    for act in subject.old("validate"):
        table, name = act.action.table, act.action.name
        if (table, name, act.transaction) in added:
            yield said(
                act,
                f"validates {name} in the transaction that adds it to {table}",
                why=f"the lock of ADD CONSTRAINT is held while {table} is scanned: NOT VALID has won nothing",
                fix="validate in a transaction of its "
                f"own:\n{alone(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')}",
            )


RULE = Rule(reference="validate-in-same-transaction", check=check)
