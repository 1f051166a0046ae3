"""Drop own helper."""

from alembic import op

revision = "drop_own_helper"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE FUNCTION tmp_fn() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$")
    op.execute("SELECT tmp_fn()")
    op.execute("DROP FUNCTION tmp_fn()")


def downgrade() -> None:
    op.execute("SELECT 1")
