"""Create external definer."""

# expected: definer-search-path
from alembic import op

revision = "create_external_definer"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE FUNCTION f9() RETURNS int EXTERNAL SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'")


def downgrade() -> None:
    op.execute("SELECT 1")
