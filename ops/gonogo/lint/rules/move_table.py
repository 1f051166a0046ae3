"""A table is written anew: another tablespace, access method, or LOGGED and UNLOGGED."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each ALTER TABLE SET that copies the table."""
    for act in subject.old("move_table"):
        table, what = act.action.table, act.action.text
        if what.startswith(("with", "without")):
            continue
        lost = " An unlogged table is empty after a crash." if what == "unlogged" else ""
        yield said(
            act,
            f"ALTER TABLE {table} SET {what.upper()}",
            why=f"{table} is copied while nobody can read it.{lost}",
            fix=f"make {table}_new where it shall be, let release N write to both, copy in batches, let release "
            "N+1 read it; "
            f"or outside of a release: pg_repack --table={table} (--tablespace=…)",
        )


RULE = Rule(reference="move-table", check=check)
