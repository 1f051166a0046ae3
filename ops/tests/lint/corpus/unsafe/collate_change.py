"""Collate change."""

# expected: column-type-rewrite
from alembic import op

revision = "collate_change"
down_revision = "base"


def upgrade() -> None:
    op.execute('ALTER TABLE users ALTER COLUMN name TYPE text COLLATE "C"')


def downgrade() -> None:
    op.execute("SELECT 1")
