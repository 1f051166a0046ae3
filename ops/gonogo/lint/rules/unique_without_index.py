"""A unique constraint or a primary key builds its index under a lock."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said

_WORDS = {"add_unique": "unique constraint", "add_primary_key": "primary key"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each such constraint on a table that was there before and has no index to use."""
    for act in subject.old(*_WORDS):
        action = act.action
        if "using_index" in action.flags:
            continue
        table, columns = action.table, ", ".join(action.columns)
        name = action.name or f"{table}_{'_'.join(action.columns)}_key".replace('"', "").replace(".", "_")
        sort = "UNIQUE" if action.kind == "add_unique" else "PRIMARY KEY"
        build = f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns})"
        yield said(
            act,
            f"adds a {_WORDS[action.kind]} on {table} ({columns}) that builds its index",
            why=f"nobody can read {table} until the index is built; one duplicate, and the release fails",
            fix=(
                f"{alone(f'DROP INDEX CONCURRENTLY IF EXISTS {name}', build)}\n"
                f"then: ALTER TABLE {table} ADD CONSTRAINT {name} {sort} USING INDEX {name};"
            ),
        )


RULE = Rule(
    reference="unique-without-index",
    check=check,
    covers=frozenset({"adding-primary-key-constraint", "disallowed-unique-constraint"}),
)
