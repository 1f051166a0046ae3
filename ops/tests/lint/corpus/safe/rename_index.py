"""Rename index."""

from alembic import op

revision = "rename_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER INDEX IF EXISTS users_email_idx RENAME TO ix_users_email")


def downgrade() -> None:
    op.execute("ALTER INDEX ix_users_email RENAME TO users_email_idx")
