"""Delete some rows."""

from alembic import op

revision = "delete_some_rows"
down_revision = "base"
kind = "data"
reversible = False


def upgrade() -> None:
    op.execute("DELETE FROM audit_log WHERE action IN ('ping', 'pong') AND id < 1000")


def downgrade() -> None:
    raise NotImplementedError
