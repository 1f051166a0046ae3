"""CASCADE drops things that nobody has named."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each CASCADE on what was there before."""
    for act in subject.old("drop_table", "drop_column", "drop_object", "drop_constraint", "truncate", "drop_index"):
        if "cascade" not in act.action.flags:
            continue
        what = act.action.column or act.action.name or act.action.table
        yield said(
            act,
            f"CASCADE on {what}",
            why=f"whatever depends on {what} goes too, unnamed: views, foreign keys, columns, for TRUNCATE whole "
            "tables",
            fix=f"leave CASCADE out, and drop by name, first, what the error then lists as depending on {what}",
        )


RULE = Rule(reference="drop-cascade", check=check)
