"""Unique constraint using index."""

from alembic import op

revision = "unique_constraint_using_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_idx")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP CONSTRAINT users_email_key")
