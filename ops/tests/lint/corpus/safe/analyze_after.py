"""Analyze after."""

from alembic import op

revision = "analyze_after"
down_revision = "base"


def upgrade() -> None:
    op.execute("ANALYZE orders")


def downgrade() -> None:
    pass
