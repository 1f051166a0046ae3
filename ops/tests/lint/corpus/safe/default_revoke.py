"""Default revoke."""

from alembic import op

revision = "default_revoke"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")


def downgrade() -> None:
    op.execute("SELECT 1")
