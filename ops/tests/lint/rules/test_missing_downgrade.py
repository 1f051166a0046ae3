"""No way back."""

import pytest

from tests.lint.samples import blocked

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users ADD COLUMN a int", "", "\n\ndef downgrade() -> None:\n    pass\n"),
        ("ALTER TABLE users ADD COLUMN a int", "", "\n"),
        ("ALTER TABLE users ADD COLUMN a int", "", '\n\ndef downgrade():\n    """Nothing."""\n    ...\n'),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "missing-downgrade" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users ADD COLUMN a int", "", ""),
        ("ALTER TABLE users ADD COLUMN a int", "reversible = False\n", "\n\ndef downgrade() -> None:\n    pass\n"),
        ("UPDATE users SET age = 1 WHERE id = 5", "", "\n\ndef downgrade() -> None:\n    pass\n"),
        ("ALTER TYPE plan ADD VALUE 'team'", "", "\n\ndef downgrade() -> None:\n    pass\n"),
        ("SELECT 1", "", "\n\ndef downgrade() -> None:\n    pass\n"),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "missing-downgrade" not in blocked(sql, source=source, downgrade=downgrade or DOWN)
