"""Row security."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "row-security-without-policy" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON users USING (true)"),
        ("ALTER TABLE users DISABLE ROW LEVEL SECURITY",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "row-security-without-policy" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE POLICY <name> ON users" in fixes(
        "row-security-without-policy", "ALTER TABLE users ENABLE ROW LEVEL SECURITY"
    )
