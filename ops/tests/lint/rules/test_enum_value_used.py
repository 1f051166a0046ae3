"""A new value is used at once."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TYPE plan ADD VALUE 'team'", "INSERT INTO users (plan) VALUES ('team')"),
        ("ALTER TYPE plan ADD VALUE 'team'; UPDATE users SET plan = 'team' WHERE id = 1",),
        ("ALTER TYPE plan ADD VALUE 'team'", "ALTER TABLE users ALTER COLUMN plan SET DEFAULT 'team'"),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "enum-value-used" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TYPE plan ADD VALUE 'team'",),
        (alone("ALTER TYPE plan ADD VALUE 'team'"), "UPDATE users SET plan = 'team' WHERE id = 1"),
        ("CREATE TYPE p AS ENUM ('a')", "ALTER TYPE p ADD VALUE 'b'", "UPDATE users SET x = 'b' WHERE id = 1"),
        ("ALTER TYPE plan ADD VALUE 'team'", "UPDATE users SET plan = 'pro' WHERE id = 1"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "enum-value-used" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "with op.get_context().autocommit_block():" in fixes(
        "enum-value-used", "ALTER TYPE plan ADD VALUE 'team'", "INSERT INTO users (plan) VALUES ('team')"
    )
