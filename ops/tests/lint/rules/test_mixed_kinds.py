"""Adding and taking away."""

import pytest

from tests.lint.samples import blocked

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users ADD COLUMN a int, DROP COLUMN age", "", ""),
        ("CREATE TABLE n (a int); DROP TABLE users", "", ""),
        ("ALTER TABLE users ADD COLUMN a int; ALTER TABLE users RENAME name TO b", 'kind = "contract"\n', ""),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "mixed-kinds" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("ALTER TABLE users ADD COLUMN a int", "", ""),
        ("ALTER TABLE users DROP COLUMN age", 'kind = "contract"\n', ""),
        ("ALTER TABLE users ADD COLUMN a int; ALTER TABLE users DROP COLUMN a", "", ""),
        (
            "ALTER TABLE users ALTER email SET NOT NULL; ALTER TABLE users DROP CONSTRAINT email_there",
            'kind = "contract"\n',
            "",
        ),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "mixed-kinds" not in blocked(sql, source=source, downgrade=downgrade or DOWN)
