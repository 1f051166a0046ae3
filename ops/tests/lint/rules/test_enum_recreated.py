"""A type is made anew."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        (
            "ALTER TYPE plan RENAME TO plan_old",
            "CREATE TYPE plan AS ENUM ('free')",
            "ALTER TABLE users ALTER plan TYPE plan USING plan::text::plan",
            "DROP TYPE plan_old",
        ),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "enum-recreated" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TYPE plan RENAME TO tariff",),
        ("CREATE TYPE tariff AS ENUM ('a')",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "enum-recreated" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CHECK (<column> <> '<value>') NOT VALID;" in fixes(
        "enum-recreated", "ALTER TYPE plan RENAME TO plan_old", "CREATE TYPE plan AS ENUM ('free')"
    )
