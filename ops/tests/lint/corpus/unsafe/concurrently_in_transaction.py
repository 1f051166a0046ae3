"""Concurrently in transaction."""

# expected: concurrently-in-transaction
from alembic import op

revision = "concurrently_in_transaction"
down_revision = "base"


def upgrade() -> None:
    op.create_index("ix_orders_state", "orders", ["state"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index("ix_orders_state", table_name="orders", postgresql_concurrently=True)
