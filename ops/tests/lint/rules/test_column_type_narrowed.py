"""A type that not every value fits."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN email TYPE varchar(50)",),
        ("ALTER TABLE users ALTER COLUMN name TYPE varchar(50)",),
        ("ALTER TABLE users ALTER COLUMN age TYPE smallint",),
        ("ALTER TABLE orders ALTER at TYPE date",),
        ("ALTER TABLE orders ALTER total TYPE numeric(8, 2)",),
        ("ALTER TABLE users ALTER COLUMN unknown TYPE varchar(9)",),
        ("ALTER TABLE users ALTER COLUMN name TYPE integer USING name::integer",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "column-type-narrowed" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN email TYPE varchar(200)",),
        ("ALTER TABLE users ALTER COLUMN age TYPE bigint",),
        ("CREATE TABLE n (a text); ALTER TABLE n ALTER a TYPE varchar(5)",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "column-type-narrowed" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CHECK (char_length(email) <= 50) NOT VALID;" in fixes(
        "column-type-narrowed", "ALTER TABLE users ALTER COLUMN email TYPE varchar(50)"
    )
