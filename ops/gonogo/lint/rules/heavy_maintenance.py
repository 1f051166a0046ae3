"""VACUUM FULL, CLUSTER or REINDEX under a lock."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each statement that writes a whole table or index anew under a lock."""
    for act in subject.old("vacuum", "cluster", "reindex"):
        action, name = act.action, act.action.table or "every table"
        if action.kind == "vacuum" and "full" not in action.flags:
            continue
        if action.kind == "reindex" and "concurrently" in action.flags:
            continue
        word = "VACUUM FULL" if action.kind == "vacuum" else action.kind.upper()
        rebuilt = alone(f"REINDEX {'INDEX' if 'index' in action.flags else 'TABLE'} CONCURRENTLY {name}")
        repacked = f"pg_repack --table={name}, outside of a release; a plain VACUUM needs no lock"
        yield said(
            act,
            f"{word} of {name}",
            why=f"{name} is written anew while nobody can {'use the index' if action.kind == 'reindex' else 'read it'}",
            fix=rebuilt if action.kind == "reindex" else repacked,
        )


RULE = Rule(
    reference="heavy-maintenance", check=check, covers=frozenset({"prefer-repack", "require-concurrent-reindex"})
)
