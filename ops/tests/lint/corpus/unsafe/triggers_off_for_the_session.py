"""Triggers off for the session."""

# expected: trigger-changed
from alembic import op

revision = "triggers_off_for_the_session"
down_revision = "base"


def upgrade() -> None:
    op.execute("SET session_replication_role = replica")
    op.execute("UPDATE orders SET note = 'x' WHERE id = 3")


def downgrade() -> None:
    pass
