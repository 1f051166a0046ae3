"""Varchar bigger raw."""

from alembic import op

revision = "varchar_bigger_raw"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN email SET DATA TYPE character varying(255)")


def downgrade() -> None:
    op.execute("SELECT 1")
