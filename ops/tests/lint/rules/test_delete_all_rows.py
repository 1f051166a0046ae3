"""Every row is deleted."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("DELETE FROM users",),
        ("DELETE FROM ONLY users",),
        ("WITH gone AS (DELETE FROM users RETURNING id) SELECT count(*) FROM gone",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "delete-all-rows" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("DELETE FROM users WHERE id = 5",),
        ("CREATE TABLE n (id int)", "DELETE FROM n"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "delete-all-rows" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "DELETE FROM users WHERE id IN (SELECT id FROM users" in fixes("delete-all-rows", "DELETE FROM users")
