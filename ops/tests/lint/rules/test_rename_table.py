"""A table is renamed."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users RENAME TO people2",),
        ("ALTER TABLE users SET SCHEMA archive",),
        ("ALTER VIEW people RENAME TO persons",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "rename-table" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users RENAME CONSTRAINT a TO b",),
        ("ALTER INDEX ix_orders_at RENAME TO ix2",),
        ("CREATE TABLE n (id int)", "ALTER TABLE n RENAME TO m"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "rename-table" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE VIEW users AS SELECT * FROM people2;" in fixes("rename-table", "ALTER TABLE users RENAME TO people2")
