"""A commit inside a revision."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("COMMIT",),
        ("BEGIN",),
        ("ROLLBACK",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "commit-in-revision" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (alone("ALTER TYPE plan ADD VALUE 'team'"),),
        ("SAVEPOINT a",),
        ("DO $$ BEGIN NULL; END $$",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "commit-in-revision" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "autocommit_block" in fixes("commit-in-revision", "COMMIT")


@pytest.mark.parametrize(
    "lines",
    [
        "    bind = op.get_bind()\n    bind.commit()",
        "    op.get_bind().commit()",
        "    connection = op.get_context().connection\n    connection.rollback()",
    ],
)
def test_a_commit_of_the_migrations_own_connection_stops(lines: str) -> None:
    """Told by the source: no statement shows it."""
    assert "commit-in-revision" in blocked("SELECT 1", source=f"def upgrade() -> None:\n{lines}\n")


def test_a_session_on_the_connection_may_commit() -> None:
    """It joins the transaction that is there, and ends nothing."""
    source = "def upgrade() -> None:\n    session = Session(bind=op.get_bind())\n    session.commit()\n"
    assert "commit-in-revision" not in blocked("SELECT 1", source=source)
