"""There is no way back, and the revision does not say so."""

from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject
from gonogo.model import Severity

_BACK = {
    "add_column": "ALTER TABLE {a.table} DROP COLUMN {a.column}",
    "create_table": "DROP TABLE {a.table}",
    "create_index": "DROP INDEX {a.name}",
    "add_check": "ALTER TABLE {a.table} DROP CONSTRAINT {a.name}",
    "add_foreign_key": "ALTER TABLE {a.table} DROP CONSTRAINT {a.name}",
    "set_not_null": "ALTER TABLE {a.table} ALTER COLUMN {a.column} DROP NOT NULL",
    "rename_column": "ALTER TABLE {a.table} RENAME COLUMN {a.target} TO {a.column}",
    "rename_table": "ALTER TABLE {a.target} RENAME TO {a.table}",
    "create_view": "DROP VIEW {a.name}",
}


_HARMLESS = {
    "quiet", "set", "insert", "update", "delete", "add_value", "do", "validate", "refresh", "grant", "revoke", "other",
    "vacuum", "cluster", "reindex", "lock_table", "truncate", "enable_trigger", "disable_trigger", "commit", "rollback",
    "begin",
}  # fmt: skip
_STATES = {"missing": "has no downgrade", "empty": "has a downgrade that does nothing"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield a revision whose downgrade is missing or empty while its upgrade changes the schema."""
    source = subject.source
    changes = [act for act in subject.acts if act.action.kind not in _HARMLESS]
    if source.reversible is False or not changes:
        return
    if source.downgrade in _STATES:
        yield Advice(
            severity=Severity.BLOCK,
            message=_STATES[source.downgrade],
            consequence="going back moves the version and leaves the schema: the next upgrade then fails on what "
            "is there",
            fix=_fix(changes),
            line=source.downgrade_line,
        )
    elif source.downgrade == "raises":
        yield Advice(
            severity=Severity.ADVISE,
            message="has a downgrade that raises, and does not declare that it cannot be taken back",
            consequence="a rollback is planned as if there were a way back",
            fix="reversible = False  # beside down_revision",
            line=source.downgrade_line,
        )


def _fix(changes: list[Act]) -> str:
    """Return a downgrade for what can be told, or the declaration."""
    ways = [_BACK[act.action.kind].format(a=act.action) for act in reversed(changes) if act.action.kind in _BACK]
    body = "\n".join(f'    op.execute("""{way}""")' for way in ways) or "    …"
    otherwise = "# or, where that is not possible: reversible = False, and raise in downgrade()"
    return f"def downgrade() -> None:\n{body}\n{otherwise}"


RULE = Rule(reference="missing-downgrade", check=check)
