"""Something that is no table is dropped."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP VIEW people",),
        ("DROP FUNCTION IF EXISTS touch()",),
        ("DROP TYPE plan",),
        ("DROP SCHEMA old",),
        ("DROP MATERIALIZED VIEW m",),
        ("DROP SEQUENCE s",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "drop-object" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP VIEW people", "CREATE VIEW people AS SELECT 1"),
        ("CREATE TYPE t AS ENUM ('a')", "DROP TYPE t"),
        ("DROP EXTENSION hstore",),
        ("DROP ROLE someone",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "drop-object" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "DROP VIEW people;" in fixes("drop-object", "DROP VIEW people")
