"""An index under a lock."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE INDEX i ON users (name)",),
        ("CREATE UNIQUE INDEX IF NOT EXISTS i ON public.users USING btree (name)",),
        ("DROP INDEX ix_orders_at",),
        ("DROP INDEX IF EXISTS public.other",),
        ("DO $$ BEGIN CREATE INDEX i ON users (name); END $$",),
        ("DO $$ BEGIN EXECUTE 'CREATE INDEX i ON users (name)'; END $$",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "index-not-concurrent" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (alone("CREATE INDEX CONCURRENTLY i ON users (name)"),),
        (alone("DROP INDEX CONCURRENTLY ix_orders_at"),),
        ("CREATE TABLE n (a int)", "CREATE INDEX i ON n (a)"),
        ("CREATE INDEX i ON ONLY events (at)",),
        ("CREATE TABLE n (a int)", "CREATE INDEX i ON n (a)", "DROP INDEX i"),
        ("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a", "CREATE UNIQUE INDEX i ON m (a)"),
        ("-- CREATE INDEX i ON users (name)\nSELECT 1",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "index-not-concurrent" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE UNIQUE INDEX CONCURRENTLY i ON users (name)" in fixes(
        "index-not-concurrent", "CREATE UNIQUE INDEX i ON users (name)"
    )
