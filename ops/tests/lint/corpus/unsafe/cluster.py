"""Cluster."""

# expected: heavy-maintenance
from alembic import op

revision = "cluster"
down_revision = "base"


def upgrade() -> None:
    op.execute("CLUSTER orders USING ix_orders_created_at")


def downgrade() -> None:
    pass
