"""An exclusion constraint is added to a table that is in use."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each exclusion constraint on a table that was there before."""
    for act in subject.old("add_exclusion"):
        table, name = act.action.table, act.action.name or "the constraint"
        yield said(
            act,
            f"adds the exclusion constraint {name} to {table}",
            why=f"nobody can read {table} until its index is built; there is no form of it that builds without a lock",
            fix=(
                f"make a new table with {name} in it (CREATE TABLE {table}_new (LIKE {table} INCLUDING ALL); "
                f"ALTER TABLE {table}_new {act.sql[act.sql.lower().find(' add ') :].strip()};), let release N "
                "write to both, copy in "
                "batches, let release N+1 read the new one"
            ),
        )


RULE = Rule(reference="exclusion-constraint", check=check)
