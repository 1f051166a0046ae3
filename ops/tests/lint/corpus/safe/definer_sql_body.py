"""Definer sql body."""

from alembic import op

revision = "definer_sql_body"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION g1() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp BEGIN ATOMIC SELECT count(*) FROM public.users; END"
    )
    op.execute("REVOKE ALL ON FUNCTION g1() FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION g1()")
