"""Policy replace."""

from alembic import op

revision = "policy_replace"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE POLICY own ON settings USING (key = current_user)")


def downgrade() -> None:
    op.execute("DROP POLICY own ON settings")
