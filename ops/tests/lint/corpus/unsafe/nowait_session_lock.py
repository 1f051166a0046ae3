"""Nowait session lock."""

# expected: lock-table
from alembic import op

revision = "nowait_session_lock"
down_revision = "base"


def upgrade() -> None:
    op.execute("LOCK TABLE ONLY orders, users IN SHARE ROW EXCLUSIVE MODE NOWAIT")


def downgrade() -> None:
    op.execute("SELECT 1")
