"""Backfill is null."""

# expected: unbounded-data-change
from alembic import op

revision = "backfill_is_null"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE orders SET state = 'open' WHERE state IS NULL")


def downgrade() -> None:
    pass
