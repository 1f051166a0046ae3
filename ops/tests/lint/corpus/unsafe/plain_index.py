"""Plain index."""

# expected: index-not-concurrent
from alembic import op

revision = "plain_index"
down_revision = "base"


def upgrade() -> None:
    op.create_index("ix_orders_user_id", "orders", ["user_id"])


def downgrade() -> None:
    op.drop_index("ix_orders_user_id", table_name="orders")
