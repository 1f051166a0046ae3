"""A unique constraint or a primary key."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD CONSTRAINT u UNIQUE (email)",),
        ("ALTER TABLE users ADD PRIMARY KEY (email)",),
        ("ALTER TABLE users ADD COLUMN c text UNIQUE",),
        ("ALTER TABLE users ADD UNIQUE NULLS NOT DISTINCT (email)",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "unique-without-index" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX i",),
        ("ALTER TABLE users ADD CONSTRAINT u PRIMARY KEY USING INDEX i",),
        ("CREATE TABLE n (a int UNIQUE, UNIQUE (a))",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "unique-without-index" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE UNIQUE INDEX CONCURRENTLY u ON users (email)" in fixes(
        "unique-without-index", "ALTER TABLE users ADD CONSTRAINT u UNIQUE (email)"
    )
