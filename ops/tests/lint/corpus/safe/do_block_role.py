"""Do block role."""

from alembic import op

revision = "do_block_role"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        CREATE ROLE reporting NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object THEN
    RAISE NOTICE 'there already: DROP TABLE users;';
END $$;
""")


def downgrade() -> None:
    op.execute("DROP ROLE IF EXISTS reporting")
