"""Do exception type."""

from alembic import op

revision = "do_exception_type"
down_revision = "base"


def upgrade() -> None:
    op.execute("""DO $$ BEGIN CREATE TYPE level AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$""")


def downgrade() -> None:
    op.execute("DROP TYPE level")
