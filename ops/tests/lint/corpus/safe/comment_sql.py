"""Comment sql."""

from alembic import op

revision = "comment_sql"
down_revision = "base"


def upgrade() -> None:
    # op.drop_table("users")
    op.execute("/* DROP TABLE users; */ SELECT 1 -- TRUNCATE orders")


def downgrade() -> None:
    op.execute("SELECT 1")
