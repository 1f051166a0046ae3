"""Partitions."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",),
        ("ALTER TABLE events DETACH PARTITION events_2025",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "partition-attached" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",),
        (alone("ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY"),),
        ("CREATE TABLE p (at date)", "ALTER TABLE events ATTACH PARTITION p DEFAULT"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "partition-attached" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "DETACH PARTITION events_2025 CONCURRENTLY" in fixes(
        "partition-attached", "ALTER TABLE events DETACH PARTITION events_2025"
    )
