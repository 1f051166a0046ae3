"""A table is locked by hand."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_HARMLESS = {"access share", "row share", "row exclusive"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each LOCK that others wait for."""
    for act in subject.old("lock_table"):
        if act.action.text in _HARMLESS:
            continue
        table = act.action.table
        yield said(
            act,
            f"locks {table} in {act.action.text} mode",
            why=f"whoever needs {table} waits until the whole transaction ends, and it waits for whoever has it now",
            fix=f"leave LOCK TABLE {table} out: each ALTER takes what it needs, for as long as it needs it; to "
            "copy rows "
            "while they change, let release N write to both places",
        )


RULE = Rule(reference="lock-table", check=check)
