"""Several tables in one transaction."""

import pytest

from gonogo.model import Severity, Statement
from tests.lint.samples import alone, blocked, fixes, found, migration


@pytest.mark.parametrize(
    "statements",
    [
        (
            "ALTER TABLE users ADD COLUMN a int",
            "ALTER TABLE orders ADD COLUMN a int",
            "ALTER TABLE lines ADD COLUMN a int",
        ),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "several-tables-locked" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN a int, ADD COLUMN b int",),
        ("ALTER TABLE users ADD COLUMN a int", "ALTER TABLE orders ADD COLUMN a int"),
        (
            alone("ALTER TABLE users ADD COLUMN a int"),
            alone("ALTER TABLE orders ADD COLUMN a int"),
            alone("ALTER TABLE lines ADD COLUMN a int"),
        ),
        ("CREATE TABLE a (i int)", "CREATE TABLE b (i int)", "CREATE TABLE c (i int)"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "several-tables-locked" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "revision 1: users; revision 2: orders; revision 3: lines" in fixes(
        "several-tables-locked",
        "ALTER TABLE users ADD COLUMN a int",
        "ALTER TABLE orders ADD COLUMN a int",
        "ALTER TABLE lines ADD COLUMN a int",
    )


def test_two_are_advice() -> None:
    """Brief, and a deadlock all the same."""
    findings = found(migration("ALTER TABLE users ADD a int", "ALTER TABLE orders ADD a int"))
    assert [(each.reference, each.severity) for each in findings] == [("several-tables-locked", Severity.ADVISE)]
