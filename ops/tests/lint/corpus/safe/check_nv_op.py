"""Check nv op."""

from alembic import op

revision = "check_nv_op"
down_revision = "base"


def upgrade() -> None:
    op.create_check_constraint("ck_total", "orders", "total >= 0", postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint("ck_total", "orders")
