"""Comment mentions drop."""

from alembic import op

revision = "comment_mentions_drop"
down_revision = "base"


def upgrade() -> None:
    op.execute("COMMENT ON COLUMN users.name IS 'never DROP TABLE users; it is -- precious'")


def downgrade() -> None:
    op.execute("COMMENT ON COLUMN users.name IS NULL")
