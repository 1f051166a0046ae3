"""A table is emptied."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("TRUNCATE users",),
        ("TRUNCATE TABLE ONLY users, orders RESTART IDENTITY",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "truncate-table" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE n (id int)", "TRUNCATE n"),
        ("SELECT 'TRUNCATE users'",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "truncate-table" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "DELETE FROM users WHERE ctid IN" in fixes("truncate-table", "TRUNCATE users")
