"""Merge all."""

# expected: unbounded-data-change
from alembic import op

revision = "merge_all"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("MERGE INTO settings s USING users u ON s.key = u.name WHEN MATCHED THEN UPDATE SET value = u.email")


def downgrade() -> None:
    op.execute("SELECT 1")
