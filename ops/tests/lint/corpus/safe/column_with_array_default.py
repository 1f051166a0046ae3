"""Column with array default."""

from alembic import op

revision = "column_with_array_default"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS labels text[] NOT NULL DEFAULT ARRAY[]::text[]")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP COLUMN labels")
