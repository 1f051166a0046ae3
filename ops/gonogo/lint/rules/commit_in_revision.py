"""A revision commits the transaction that its version row belongs to."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each COMMIT or ROLLBACK that is not Alembic's."""
    why = (
        "what ran so far stays while Alembic's version row may be lost: exit status 0, the tables are there, and "
        "the next "
        "deploy runs the revision again"
    )
    fix = "with op.get_context().autocommit_block():\n    …  # what must not be in the transaction; Alembic keeps count"
    for line in subject.source.commits:
        yield Advice(
            severity=Severity.BLOCK,
            message="commits the migration's own connection",
            consequence=why,
            fix=fix,
            line=line,
        )
    for act in subject.every("commit", "rollback", "begin"):
        yield said(act, f"{act.sql.split()[0].upper()} as SQL", why=why, fix=fix)


RULE = Rule(
    reference="commit-in-revision",
    check=check,
    covers=frozenset({"ban-uncommitted-transaction", "transaction-nesting"}),
)
