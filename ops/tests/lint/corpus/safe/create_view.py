"""Create view."""

from alembic import op

revision = "create_view"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 1000")


def downgrade() -> None:
    op.execute("DROP VIEW big_orders")
