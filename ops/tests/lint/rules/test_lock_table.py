"""LOCK TABLE."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("LOCK TABLE users",),
        ("LOCK users, orders IN SHARE ROW EXCLUSIVE MODE NOWAIT",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "lock-table" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("LOCK TABLE users IN ACCESS SHARE MODE",),
        ("CREATE TABLE n (id int)", "LOCK TABLE n"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "lock-table" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "leave LOCK TABLE users out" in fixes("lock-table", "LOCK TABLE users")
