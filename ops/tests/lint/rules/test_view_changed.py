"""Views."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("REFRESH MATERIALIZED VIEW totals",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "view-changed" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY totals",),
        ("CREATE OR REPLACE VIEW people AS SELECT id FROM users",),
        ("CREATE MATERIALIZED VIEW m AS SELECT 1", "REFRESH MATERIALIZED VIEW m"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "view-changed" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;" in fixes("view-changed", "REFRESH MATERIALIZED VIEW totals")
