"""A required column without a default."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN c text NOT NULL",),
        ("ALTER TABLE users ADD c varchar(2) NOT NULL DEFAULT NULL",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "add-required-column" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN c text",),
        ("ALTER TABLE users ADD COLUMN c text NOT NULL DEFAULT 'x'",),
        ("ALTER TABLE users ADD COLUMN c text DEFAULT 'not null'",),
        ("CREATE TABLE n (id int)", "ALTER TABLE n ADD COLUMN c text NOT NULL"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "add-required-column" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ADD COLUMN c text NOT NULL DEFAULT" in fixes(
        "add-required-column", "ALTER TABLE users ADD COLUMN c text NOT NULL"
    )
