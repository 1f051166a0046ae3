"""A statement is in a transaction that cannot be in one."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said

_WORDS = {
    "create_index": "CREATE INDEX CONCURRENTLY",
    "drop_index": "DROP INDEX CONCURRENTLY",
    "reindex": "REINDEX CONCURRENTLY",
    "detach_partition": "DETACH PARTITION CONCURRENTLY",
    "vacuum": "VACUUM",
    "outside_transaction": "this statement",
}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each statement that PostgreSQL refuses where it stands."""
    for act in subject.every(*_WORDS):
        needs_none = act.action.kind in {"vacuum", "outside_transaction"} or "concurrently" in act.action.flags
        if needs_none and (act.transaction is not None or "in_block" in act.action.flags):
            yield said(
                act,
                f"{_WORDS[act.action.kind]} runs inside a transaction",
                why="PostgreSQL refuses it: the migration fails, always; a COMMIT before it would lose the version row",
                fix=f"one statement for each call:\n{alone(' '.join(act.sql.split()))}",
            )


RULE = Rule(
    reference="concurrently-in-transaction",
    check=check,
    covers=frozenset({"ban-concurrent-index-creation-in-transaction"}),
)
