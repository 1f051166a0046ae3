"""Enum value renamed."""

# expected: enum-value-renamed
from alembic import op

revision = "enum_value_renamed"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TYPE plan RENAME VALUE 'pro' TO 'professional'")


def downgrade() -> None:
    op.execute("ALTER TYPE plan RENAME VALUE 'professional' TO 'pro'")
