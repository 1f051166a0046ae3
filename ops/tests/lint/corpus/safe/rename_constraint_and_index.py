"""Rename constraint and index."""

from alembic import op

revision = "rename_constraint_and_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER INDEX ix_orders_created_at RENAME TO orders_created_at_idx")
    op.execute("ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO pk_orders")


def downgrade() -> None:
    op.execute("ALTER TABLE orders RENAME CONSTRAINT pk_orders TO orders_pkey")
    op.execute("ALTER INDEX orders_created_at_idx RENAME TO ix_orders_created_at")
