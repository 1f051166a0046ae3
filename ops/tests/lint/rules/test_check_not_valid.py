"""A check."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0)",),
        ("ALTER TABLE orders ADD CHECK (note <> 'NOT VALID')",),
        ("ALTER TABLE orders ADD COLUMN d int CHECK (d > 0)",),
        ("ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE LIKE '%@%')",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "check-not-valid" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID",),
        ("ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID",),
        ("CREATE TABLE n (a int CHECK (a > 0))",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "check-not-valid" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;" in fixes(
        "check-not-valid", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0)"
    )
