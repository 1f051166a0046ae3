"""Drop index plain."""

# expected: index-not-concurrent
from alembic import op

revision = "drop_index_plain"
down_revision = "base"


def upgrade() -> None:
    op.drop_index("ix_orders_created_at", table_name="orders")


def downgrade() -> None:
    op.create_index("ix_orders_created_at", "orders", ["created_at"])
