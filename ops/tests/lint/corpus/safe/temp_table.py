"""Temp table."""

from alembic import op

revision = "temp_table"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TEMPORARY TABLE tmp_ids ON COMMIT DROP AS SELECT 1 AS id")


def downgrade() -> None:
    op.execute("SELECT 1")
