"""A table or a view is renamed, or moved to another schema."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each rename of what was there before."""
    for act in subject.old("rename_table", "set_schema"):
        old, new = act.action.table, act.action.target
        whole = new if act.action.kind == "rename_table" else f"{new}.{old.rpartition('.')[2]}"
        yield said(
            act,
            f"renames {old} to {whole}",
            why=f"code that still runs fails at once: there is no {old} any more",
            fix=(
                "keep the old name as a view in the same transaction, and drop it one release later:\n"
                f"{' '.join(act.sql.split())};\n"
                f"CREATE VIEW {old} AS SELECT * FROM {whole};"
            ),
            severity=subject.taking,
        )


RULE = Rule(reference="rename-table", check=check, covers=frozenset({"ban-set-schema", "renaming-table"}))
