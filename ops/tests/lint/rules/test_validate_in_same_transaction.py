"""VALIDATE beside ADD."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import alone, blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID", "ALTER TABLE orders VALIDATE CONSTRAINT c"),
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c",),
        (
            "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
            "ALTER TABLE orders VALIDATE CONSTRAINT c",
        ),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "validate-in-same-transaction" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID",
            alone("ALTER TABLE orders VALIDATE CONSTRAINT c"),
        ),
        ("ALTER TABLE orders VALIDATE CONSTRAINT c",),
        (
            alone("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID"),
            alone("ALTER TABLE orders VALIDATE CONSTRAINT c"),
        ),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "validate-in-same-transaction" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE orders VALIDATE CONSTRAINT c" in fixes(
        "validate-in-same-transaction",
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID",
        "ALTER TABLE orders VALIDATE CONSTRAINT c",
    )
