"""Backfill and not null."""

# expected: unbounded-data-change,set-not-null
import sqlalchemy as sa
from alembic import op

revision = "backfill_and_not_null"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("tier", sa.Text(), nullable=True))
    op.execute("UPDATE users SET tier = 'basic'")
    op.alter_column("users", "tier", nullable=False)


def downgrade() -> None:
    op.drop_column("users", "tier")
