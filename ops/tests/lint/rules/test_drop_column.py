"""A column is dropped."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users DROP COLUMN age",),
        ("ALTER TABLE ONLY users DROP IF EXISTS age, DROP name",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "drop-column" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN x int", "ALTER TABLE users DROP COLUMN x"),
        ("CREATE TABLE n (a int, b int)", "ALTER TABLE n DROP COLUMN b"),
        ("ALTER TABLE users DROP CONSTRAINT email_there",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "drop-column" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users DROP COLUMN age;" in fixes("drop-column", "ALTER TABLE users DROP COLUMN age")
