"""Do if not exists role."""

from alembic import op

revision = "do_if_not_exists_role"
down_revision = "base"


def upgrade() -> None:
    op.execute("""DO $$ BEGIN
 IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN CREATE ROLE reader NOLOGIN; END IF;
END $$""")


def downgrade() -> None:
    pass
