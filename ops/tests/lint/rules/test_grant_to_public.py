"""PUBLIC."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("GRANT SELECT ON users TO PUBLIC",),
        ("GRANT ALL ON SCHEMA public TO someone, public",),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "grant-to-public" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("GRANT SELECT ON public.users TO reporting",),
        ("REVOKE ALL ON users FROM PUBLIC",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "grant-to-public" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "GRANT SELECT ON users TO <role>;" in fixes("grant-to-public", "GRANT SELECT ON users TO PUBLIC")
