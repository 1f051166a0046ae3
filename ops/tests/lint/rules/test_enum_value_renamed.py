"""A value is renamed."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TYPE plan RENAME VALUE 'pro' TO 'gold'",),
        ("UPDATE pg_enum SET enumlabel = 'gold' WHERE enumlabel = 'pro'",),
        ("DELETE FROM pg_catalog.pg_enum WHERE enumlabel = 'pro'",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "enum-value-renamed" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TYPE plan ADD VALUE 'team'",),
        ("ALTER TYPE plan OWNER TO someone",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "enum-value-renamed" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TYPE plan ADD VALUE 'gold' AFTER 'pro';" in fixes(
        "enum-value-renamed", "ALTER TYPE plan RENAME VALUE 'pro' TO 'gold'"
    )
