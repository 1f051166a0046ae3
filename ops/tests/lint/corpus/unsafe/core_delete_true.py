"""Core delete true."""

# expected: delete-all-rows
import sqlalchemy as sa
from alembic import op

revision = "core_delete_true"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    t = sa.table("settings")
    op.execute(t.delete())


def downgrade() -> None:
    op.execute("SELECT 1")
