"""Add column with check."""

# expected: check-not-valid
from alembic import op

revision = "add_column_with_check"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN pct int CHECK (pct BETWEEN 0 AND 100)")


def downgrade() -> None:
    op.execute("SELECT 1")
