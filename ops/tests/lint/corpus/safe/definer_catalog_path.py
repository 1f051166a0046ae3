"""Definer catalog path."""

from alembic import op

revision = "definer_catalog_path"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
CREATE FUNCTION public.orders_total() RETURNS numeric LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT sum(o.total) FROM public.orders o $$;
REVOKE EXECUTE ON FUNCTION public.orders_total() FROM PUBLIC;
""")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.orders_total()")
