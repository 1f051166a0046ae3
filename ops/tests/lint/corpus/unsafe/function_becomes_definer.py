"""Function becomes definer."""

# expected: definer-search-path,definer-public
from alembic import op

revision = "function_becomes_definer"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER FUNCTION touch() SECURITY DEFINER")


def downgrade() -> None:
    op.execute("ALTER FUNCTION touch() SECURITY INVOKER")
