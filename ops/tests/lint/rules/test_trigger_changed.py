"""A trigger."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users DISABLE TRIGGER ALL",),
        ("ALTER TABLE users DISABLE TRIGGER audit",),
        ("SET session_replication_role = 'replica'",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "trigger-changed" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()",),
        ("DROP TRIGGER t ON users",),
        ("CREATE TABLE n (id int)", "ALTER TABLE n DISABLE TRIGGER ALL"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "trigger-changed" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "SET LOCAL app.migrating" in fixes("trigger-changed", "ALTER TABLE users DISABLE TRIGGER ALL")
