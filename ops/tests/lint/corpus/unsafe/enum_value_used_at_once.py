"""Enum value used at once."""

# expected: enum-value-used
from alembic import op

revision = "enum_value_used_at_once"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TYPE plan ADD VALUE 'team'")
    op.execute("UPDATE users SET plan = 'team' WHERE id = 1")


def downgrade() -> None:
    pass
