"""Unique using index."""

from alembic import op

revision = "unique_using_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD CONSTRAINT uq_email UNIQUE USING INDEX users_email_idx")


def downgrade() -> None:
    op.drop_constraint("uq_email", "users")
