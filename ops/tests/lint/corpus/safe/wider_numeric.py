"""Wider numeric."""

from alembic import op

revision = "wider_numeric"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.execute("ALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 2)")


def downgrade() -> None:
    raise NotImplementedError("values may be larger by now")
