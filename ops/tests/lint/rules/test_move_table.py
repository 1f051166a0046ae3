"""A table is copied."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users SET UNLOGGED",),
        ("ALTER TABLE users SET LOGGED",),
        ("ALTER TABLE users SET TABLESPACE fast",),
        ("ALTER TABLE users SET ACCESS METHOD heap2",),
        ("ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "move-table" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users SET (fillfactor = 80)",),
        ("ALTER TABLE users RESET (fillfactor)",),
        ("CREATE TABLE n (id int)", "ALTER TABLE n SET UNLOGGED"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "move-table" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "users_new" in fixes("move-table", "ALTER TABLE users SET UNLOGGED")
