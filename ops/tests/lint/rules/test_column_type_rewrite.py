"""A type that rewrites the table."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN age TYPE bigint",),
        ("ALTER TABLE users ALTER COLUMN payload TYPE jsonb USING payload::jsonb",),
        ("ALTER TABLE users ALTER COLUMN age TYPE text",),
        ("ALTER TABLE orders ALTER total TYPE numeric(12, 3)",),
        ("ALTER TABLE orders ALTER at TYPE timestamptz",),
        ("ALTER TABLE users ALTER COLUMN email TYPE text USING lower(email)",),
        ("ALTER TABLE users ALTER COLUMN unknown SET DATA TYPE bigint",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "column-type-rewrite" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN email TYPE varchar(200)",),
        ("ALTER TABLE users ALTER COLUMN email TYPE text",),
        ("ALTER TABLE users ALTER COLUMN name TYPE varchar",),
        ("ALTER TABLE orders ALTER total TYPE numeric(14, 2)",),
        ("ALTER TABLE orders ALTER total TYPE numeric",),
        ("SET timezone = 'UTC'", "ALTER TABLE orders ALTER at TYPE timestamp with time zone"),
        ("ALTER TABLE users ALTER COLUMN email TYPE character varying(100)",),
        ("ALTER TABLE users ALTER COLUMN email TYPE text USING email::text",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "column-type-rewrite" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ADD COLUMN age_new bigint;" in fixes(
        "column-type-rewrite", "ALTER TABLE users ALTER COLUMN age TYPE bigint"
    )
