"""Rename attr."""

# expected: rename-table
from alembic import op

revision = "rename_attr"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TYPE plan RENAME TO tariff")


def downgrade() -> None:
    op.execute("SELECT 1")
