"""A way back that loses data."""

import pytest

from tests.lint.samples import blocked

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users DROP COLUMN age", "reversible = True\n", ""),
        (
            "ALTER TABLE users ADD COLUMN a int",
            "reversible = True\n",
            "\n\ndef downgrade() -> None:\n    op.execute('DELETE FROM users WHERE a = 1')\n",
        ),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "lossy-downgrade" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users DROP COLUMN age", "reversible = False\n", ""),
        ("ALTER TABLE users ADD COLUMN a int", "reversible = True\n", ""),
        (
            "ALTER TABLE users ADD COLUMN a int",
            "",
            "\n\ndef downgrade() -> None:\n    op.execute('DELETE FROM users WHERE a = 1')\n",
        ),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "lossy-downgrade" not in blocked(sql, source=source, downgrade=downgrade or DOWN)
