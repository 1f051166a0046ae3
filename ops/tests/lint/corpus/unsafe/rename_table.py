"""Rename table."""

# expected: rename-table
from alembic import op

revision = "rename_table"
down_revision = "base"


def upgrade() -> None:
    op.rename_table("orders", "purchases")


def downgrade() -> None:
    op.rename_table("purchases", "orders")
