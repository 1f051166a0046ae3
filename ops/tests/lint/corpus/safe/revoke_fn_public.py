"""Revoke fn public."""

from alembic import op

revision = "revoke_fn_public"
down_revision = "base"


def upgrade() -> None:
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    op.execute("SELECT 1")
