"""Definer empty path unqualified."""

# expected: definer-search-path
from alembic import op

revision = "definer_empty_path_unqualified"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
    CREATE OR REPLACE FUNCTION public.user_count() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT count(*) FROM users $$;
    REVOKE ALL ON FUNCTION public.user_count() FROM PUBLIC;
""")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.user_count()")
