"""Loop indexes."""

# expected: index-not-concurrent
from alembic import op

revision = "loop_indexes"
down_revision = "base"


def upgrade() -> None:
    for column in ("user_id", "state"):
        op.create_index(f"ix_orders_{column}", "orders", [column])


def downgrade() -> None:
    op.execute("SELECT 1")
