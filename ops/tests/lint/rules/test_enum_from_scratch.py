"""Types that work only from scratch."""

import pytest

from tests.lint.samples import blocked

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("SELECT 1", 'def upgrade():\n    op.create_table("t", sa.Column("p", sa.Enum("a", name="plan")))\n', ""),
        (
            "SELECT 1",
            'kinds = postgresql.ENUM("a", name="plan")\n\n\ndef upgrade():\n    op.create_table("t", sa.Column("p", kinds))\n',
            "",
        ),
        ("SELECT 1", 'def upgrade():\n    op.add_column("users", sa.Column("k", sa.Enum("a", name="sort")))\n', ""),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "enum-from-scratch" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        (
            "CREATE TYPE sort AS ENUM ('a')",
            'def upgrade():\n    op.create_table("t", sa.Column("p", sa.Enum("a", name="sort")))\n',
            "",
        ),
        (
            "SELECT 1",
            'def upgrade():\n    op.create_table("t", sa.Column("p", postgresql.ENUM("a", name="plan", create_type=False)))\n',
            "",
        ),
        ("SELECT 1", 'def upgrade():\n    op.add_column("users", sa.Column("k", sa.Enum("a", name="plan")))\n', ""),
        (
            "SELECT 1",
            'def upgrade():\n    sa.Enum("a", name="sort").create(op.get_bind())\n    op.add_column("users", sa.Column("k", sa.Enum("a", name="sort")))\n',
            "",
        ),
        (
            "SELECT 1",
            'def upgrade():\n    op.create_table("t", sa.Column("p", sa.Enum("a", name="plan", native_enum=False)))\n',
            "",
        ),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "enum-from-scratch" not in blocked(sql, source=source, downgrade=downgrade or DOWN)
