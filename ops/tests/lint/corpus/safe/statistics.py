"""Statistics."""

from alembic import op

revision = "statistics"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE STATISTICS st (dependencies) ON user_id, state FROM orders")
    op.execute("ALTER TABLE orders ALTER COLUMN state SET STATISTICS 500")


def downgrade() -> None:
    op.execute("DROP STATISTICS st")
