"""What cannot be in a transaction."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE INDEX CONCURRENTLY i ON users (name)",),
        ("DROP INDEX CONCURRENTLY i",),
        ("REINDEX TABLE CONCURRENTLY users",),
        ("REINDEX (CONCURRENTLY) TABLE users",),
        ("VACUUM users",),
        ("ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY",),
        ("ALTER SYSTEM SET work_mem = '1GB'",),
        (alone("DROP INDEX CONCURRENTLY i; CREATE INDEX CONCURRENTLY i ON users (name)"),),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "concurrently-in-transaction" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (alone("CREATE INDEX CONCURRENTLY i ON users (name)"),),
        (alone("VACUUM users"),),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "concurrently-in-transaction" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "with op.get_context().autocommit_block():" in fixes(
        "concurrently-in-transaction", "CREATE INDEX CONCURRENTLY i ON users (name)"
    )
