"""Definer path with public."""

# expected: definer-search-path
from alembic import op

revision = "definer_path_with_public"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION public.ping() RETURNS int LANGUAGE sql SECURITY DEFINER "
        "SET search_path = public, pg_temp AS 'SELECT 1'"
    )
    op.execute("REVOKE EXECUTE ON FUNCTION public.ping() FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.ping()")
