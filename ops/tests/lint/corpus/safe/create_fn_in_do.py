"""Create fn in do."""

from alembic import op

revision = "create_fn_in_do"
down_revision = "base"


def upgrade() -> None:
    op.execute("DO $x$ BEGIN RAISE NOTICE 'drop table users'; END $x$")


def downgrade() -> None:
    op.execute("SELECT 1")
