"""Definer for everyone."""

# expected: definer-public
from alembic import op

revision = "definer_for_everyone"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
CREATE FUNCTION public.total() RETURNS numeric LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT sum(total) FROM public.orders $body$
""")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.total()")
