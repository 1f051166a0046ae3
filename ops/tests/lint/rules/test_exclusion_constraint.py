"""An exclusion constraint."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE events ADD CONSTRAINT e EXCLUDE USING gist (room WITH =)",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "exclusion-constraint" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE n (r int4range, EXCLUDE USING gist (r WITH &&))",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "exclusion-constraint" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "CREATE TABLE events_new" in fixes(
        "exclusion-constraint", "ALTER TABLE events ADD CONSTRAINT e EXCLUDE USING gist (room WITH =)"
    )
