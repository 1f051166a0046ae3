"""Timeofday."""

# expected: volatile-default
from alembic import op

revision = "timeofday"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN due text DEFAULT timeofday()")


def downgrade() -> None:
    op.execute("SELECT 1")
