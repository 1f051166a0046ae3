"""Reindex concurrently in transaction."""

# expected: concurrently-in-transaction
from alembic import op

revision = "reindex_concurrently_in_transaction"
down_revision = "base"


def upgrade() -> None:
    op.execute("REINDEX INDEX CONCURRENTLY ix_orders_created_at")


def downgrade() -> None:
    pass
