"""A table, a view or a type is renamed, or moved to another schema."""

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
    for act in subject.old("rename_type"):
        old, new = act.action.name, act.action.target
        if any(each.action.name == old for each in subject.every("create_type")):
            continue
        yield said(
            act,
            f"renames the type {old} to {new}",
            why=f"code that still runs casts its values to {old}: every such statement fails at once",
            fix=f"leave its name, and call it otherwise in the code alone; or go over to a column of another type:\n"
            f"CREATE TYPE {new} AS ENUM (…);",
            severity=subject.taking,
        )


RULE = Rule(reference="rename-table", check=check, covers=frozenset({"ban-set-schema", "renaming-table"}))
