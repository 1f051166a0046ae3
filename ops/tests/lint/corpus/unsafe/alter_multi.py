"""Alter multi."""

# expected: set-not-null
from alembic import op

revision = "alter_multi"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ALTER COLUMN note TYPE text, ALTER COLUMN state SET NOT NULL, ADD CHECK (total > 0)")


def downgrade() -> None:
    op.execute("SELECT 1")
