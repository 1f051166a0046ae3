"""A column is renamed."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users RENAME COLUMN name TO full_name",),
        ("ALTER TABLE users RENAME name TO full_name",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "rename-column" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN a int", "ALTER TABLE users RENAME COLUMN a TO b"),
        ("CREATE TABLE n (a int)", "ALTER TABLE n RENAME a TO b"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "rename-column" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ADD COLUMN full_name text;" in fixes(
        "rename-column", "ALTER TABLE users RENAME COLUMN name TO full_name"
    )
