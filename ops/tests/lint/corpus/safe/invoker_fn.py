"""Invoker fn."""

from alembic import op

revision = "invoker_fn"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE FUNCTION who() RETURNS text LANGUAGE sql SECURITY INVOKER AS 'SELECT current_user::text'")


def downgrade() -> None:
    op.execute("DROP FUNCTION who()")
