"""Delete everything."""

# expected: delete-all-rows
from alembic import op

revision = "delete_everything"
down_revision = "base"
kind = "data"
reversible = False


def upgrade() -> None:
    op.execute("DELETE FROM audit_log")


def downgrade() -> None:
    raise NotImplementedError
