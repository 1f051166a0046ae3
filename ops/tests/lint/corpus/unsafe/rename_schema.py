"""Rename schema."""

# expected: rename-table
from alembic import op

revision = "rename_schema"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER SCHEMA sales RENAME TO shop")


def downgrade() -> None:
    op.execute("ALTER SCHEMA shop RENAME TO sales")
