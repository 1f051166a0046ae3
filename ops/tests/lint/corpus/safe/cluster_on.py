"""Cluster on."""

from alembic import op

revision = "cluster_on"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders CLUSTER ON ix_orders_created_at")


def downgrade() -> None:
    op.execute("SELECT 1")
