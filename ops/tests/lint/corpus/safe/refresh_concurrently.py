"""Refresh concurrently."""

from alembic import op

revision = "refresh_concurrently"
down_revision = "base"


def upgrade() -> None:
    op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals")


def downgrade() -> None:
    pass
