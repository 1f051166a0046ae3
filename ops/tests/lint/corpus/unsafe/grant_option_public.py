"""Grant option public."""

# expected: grant-to-public
from alembic import op

revision = "grant_option_public"
down_revision = "base"


def upgrade() -> None:
    op.execute("GRANT EXECUTE ON FUNCTION touch() TO app, PUBLIC")


def downgrade() -> None:
    op.execute("SELECT 1")
