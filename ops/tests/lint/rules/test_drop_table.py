"""A table is dropped."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE users",),
        ('DROP TABLE IF EXISTS "users", public.orders',),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "drop-table" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE n (id int)", "DROP TABLE n"),
        ("COMMENT ON TABLE users IS 'DROP TABLE users'",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "drop-table" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "DROP TABLE users;" in fixes("drop-table", "DROP TABLE users")


def test_in_a_contract_it_is_advice() -> None:
    """That is what a contract is for."""
    assert "drop-table" not in blocked("DROP TABLE users", source='kind = "contract"\nreversible = False\n')
