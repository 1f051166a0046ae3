"""Percent signs."""

from alembic import op

revision = "percent_signs"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE settings SET value = '100%' WHERE key = 'rate'")


def downgrade() -> None:
    op.execute("SELECT 1")
