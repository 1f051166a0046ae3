"""Rename seq."""

# expected: rename-table
from alembic import op

revision = "rename_seq"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER SEQUENCE users_id_seq RENAME TO people_id_seq")


def downgrade() -> None:
    op.execute("SELECT 1")
