"""Check validated."""

# expected: check-not-valid
from alembic import op

revision = "check_validated"
down_revision = "base"


def upgrade() -> None:
    op.create_check_constraint("ck_orders_total", "orders", "total >= 0")


def downgrade() -> None:
    op.drop_constraint("ck_orders_total", "orders")
