"""IF NOT EXISTS over a failed build."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        (alone("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name)"),),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "index-if-not-exists" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (
            alone("DROP INDEX CONCURRENTLY IF EXISTS i"),
            alone("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name)"),
        ),
        (alone("CREATE INDEX CONCURRENTLY i ON users (name)"),),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "index-if-not-exists" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE INDEX CONCURRENTLY i ON users (name)" in fixes(
        "index-if-not-exists", alone("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name)")
    )
