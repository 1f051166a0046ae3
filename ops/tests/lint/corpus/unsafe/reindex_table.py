"""Reindex table."""

# expected: heavy-maintenance
from alembic import op

revision = "reindex_table"
down_revision = "base"


def upgrade() -> None:
    op.execute("REINDEX TABLE orders")


def downgrade() -> None:
    pass
