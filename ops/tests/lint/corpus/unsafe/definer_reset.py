"""Definer reset."""

# expected: definer-search-path
from alembic import op

revision = "definer_reset"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE FUNCTION k() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1'; REVOKE ALL ON FUNCTION k() FROM PUBLIC; ALTER FUNCTION k() RESET search_path")


def downgrade() -> None:
    op.execute("SELECT 1")
