"""Concurrent if not exists."""

# expected: index-if-not-exists
from alembic import op

revision = "concurrent_if_not_exists"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_note", "orders", ["note"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_note", postgresql_concurrently=True)
