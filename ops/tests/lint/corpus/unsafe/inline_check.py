"""Inline check."""

# expected: check-not-valid
from alembic import op

revision = "inline_check"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN discount integer DEFAULT 0 CHECK (discount BETWEEN 0 AND 100)")


def downgrade() -> None:
    op.drop_column("orders", "discount")
