"""Index concurrently rebuilt."""

from alembic import op

revision = "index_concurrently_rebuilt"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_users_mail")
        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_users_mail ON users (lower(email))")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_users_mail")
