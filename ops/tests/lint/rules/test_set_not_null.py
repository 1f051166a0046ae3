"""SET NOT NULL."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN name SET NOT NULL",),
        ("ALTER TABLE users ADD CONSTRAINT n NOT NULL name",),
        (
            "ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID",
            "ALTER TABLE users ALTER name SET NOT NULL",
        ),
        ("ALTER TABLE users DROP CONSTRAINT email_there", "ALTER TABLE users ALTER email SET NOT NULL"),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "set-not-null" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN email SET NOT NULL",),
        (
            "ALTER TABLE users ADD CONSTRAINT c CHECK ((name IS NOT NULL)) NOT VALID",
            alone("ALTER TABLE users VALIDATE CONSTRAINT c"),
            "ALTER TABLE users ALTER name SET NOT NULL",
        ),
        ("ALTER TABLE users ADD CONSTRAINT n NOT NULL name NOT VALID",),
        ("ALTER TABLE users ALTER name DROP NOT NULL",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "set-not-null" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ADD CONSTRAINT users_name_not_null CHECK (name IS NOT NULL) NOT VALID;" in fixes(
        "set-not-null", "ALTER TABLE users ALTER COLUMN name SET NOT NULL"
    )
