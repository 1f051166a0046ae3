"""Do block ddl."""

# expected: index-not-concurrent,set-not-null
from alembic import op

revision = "do_block_ddl"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_indexes WHERE indexname = 'ix_users_status') THEN
        CREATE INDEX ix_users_status ON users (status);
    END IF;
    EXECUTE 'ALTER TABLE users ALTER COLUMN status SET NOT NULL';
END
$$;
""")


def downgrade() -> None:
    op.execute("DROP INDEX CONCURRENTLY ix_users_status")
