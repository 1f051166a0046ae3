"""Another kind than it says."""

import pytest

from tests.lint.samples import blocked

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users DROP COLUMN age", 'kind = "expand"\n', ""),
        ("ALTER TABLE users RENAME name TO b", 'kind = "expand"\n', ""),
        ("ALTER TABLE users ADD COLUMN a int", 'kind = "data"\n', ""),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "wrong-kind" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users DROP COLUMN age", 'kind = "contract"\n', ""),
        ("ALTER TABLE users DROP COLUMN age", "", ""),
        ("ALTER TABLE users ADD COLUMN a int", 'kind = "expand"\n', ""),
        ("UPDATE users SET age = 1 WHERE id = 5", 'kind = "data"\n', ""),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "wrong-kind" not in blocked(sql, source=source, downgrade=downgrade or DOWN)
