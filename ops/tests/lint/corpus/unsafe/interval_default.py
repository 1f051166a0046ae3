"""Interval default."""

# expected: volatile-default
from alembic import op

revision = "interval_default"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN due timestamptz DEFAULT clock_timestamp() + interval '1 day' NOT NULL")


def downgrade() -> None:
    op.execute("SELECT 1")
