"""Numeric precision up."""

from alembic import op

revision = "numeric_precision_up"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ALTER total TYPE decimal(14,2)")


def downgrade() -> None:
    op.execute("SELECT 1")
