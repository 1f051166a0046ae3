"""No end to waiting."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes, found, migration


@pytest.mark.parametrize(
    "statements",
    [
        ("SET lock_timeout = 0",),
        ("SET LOCAL lock_timeout TO '0'",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "missing-lock-timeout" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("SET lock_timeout = '2s'",),
        ("ALTER TABLE users ADD COLUMN a int",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "missing-lock-timeout" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "SET LOCAL lock_timeout = '2s';" in fixes("missing-lock-timeout", "SET lock_timeout = 0")


@pytest.mark.parametrize(("has_one", "said"), [(False, ["missing-lock-timeout"]), (True, []), (None, [])])
def test_a_session_without_one_is_advised(has_one: bool | None, said: list[str]) -> None:
    """Where it is known."""
    findings = found(migration("ALTER TABLE users ADD a int", lock_timeout=has_one))
    assert [each.reference for each in findings] == said
