"""CASCADE."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE users CASCADE",),
        ("ALTER TABLE users DROP COLUMN age CASCADE",),
        ("DROP TYPE plan CASCADE",),
        ("TRUNCATE users CASCADE",),
        ("ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "drop-cascade" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE users",),
        ("CREATE TABLE n (id int)", "DROP TABLE n CASCADE"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "drop-cascade" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "leave CASCADE out" in fixes("drop-cascade", "DROP TABLE users CASCADE")
