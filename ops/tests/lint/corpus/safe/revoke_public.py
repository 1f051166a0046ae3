"""Revoke public."""

from alembic import op

revision = "revoke_public"
down_revision = "base"


def upgrade() -> None:
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    op.execute("SELECT 1")
