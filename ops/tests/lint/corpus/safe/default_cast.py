"""Default cast."""

from alembic import op

revision = "default_cast"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[]")


def downgrade() -> None:
    op.drop_column("orders", "tags")
