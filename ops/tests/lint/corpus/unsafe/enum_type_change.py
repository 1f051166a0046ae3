"""Enum type change."""

# expected: column-type-rewrite
from alembic import op

revision = "enum_type_change"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN status TYPE plan USING status::plan")


def downgrade() -> None:
    op.execute("SELECT 1")
