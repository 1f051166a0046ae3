"""Downgrade deletes."""

# expected: lossy-downgrade
from alembic import op

revision = "downgrade_deletes"
down_revision = "base"
kind = "expand"
reversible = True


def upgrade() -> None:
    op.create_check_constraint("ck_state", "orders", "state <> ''", postgresql_not_valid=True)


def downgrade() -> None:
    op.execute("DELETE FROM orders WHERE state = ''")
    op.drop_constraint("ck_state", "orders")
