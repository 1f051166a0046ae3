"""Rows and schema in one transaction."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN a int", "UPDATE users SET a = 1 WHERE id = 5"),
        ("DELETE FROM orders WHERE id = 1", "ALTER TABLE orders DROP COLUMN note"),
        ("ALTER TABLE users ADD COLUMN a int", "INSERT INTO orders SELECT id FROM users"),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "data-and-schema-mixed" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE users SET age = 1 WHERE id = 5",),
        ("CREATE TABLE n (a int)", "INSERT INTO n SELECT age FROM users"),
        ("ALTER TABLE users ADD COLUMN a int", "INSERT INTO orders (id) VALUES (1)"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "data-and-schema-mixed" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "two revisions" in fixes(
        "data-and-schema-mixed", "ALTER TABLE users ADD COLUMN a int", "UPDATE users SET a = 1 WHERE id = 5"
    )
