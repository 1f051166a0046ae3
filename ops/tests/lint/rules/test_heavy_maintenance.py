"""A table is written anew."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        (alone("VACUUM FULL users"),),
        (alone("VACUUM (FULL, ANALYZE) users"),),
        ("CLUSTER users USING users_pkey",),
        ("REINDEX TABLE users",),
        (alone("REINDEX (VERBOSE) INDEX ix_orders_at"),),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "heavy-maintenance" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (alone("VACUUM users"),),
        (alone("VACUUM (ANALYZE) users"),),
        (alone("REINDEX INDEX CONCURRENTLY ix_orders_at"),),
        ("ANALYZE users",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "heavy-maintenance" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "REINDEX TABLE CONCURRENTLY users" in fixes("heavy-maintenance", "REINDEX TABLE users")
