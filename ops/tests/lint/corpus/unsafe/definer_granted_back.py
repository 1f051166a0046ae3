"""Definer granted back."""

# expected: definer-public
from alembic import op

revision = "definer_granted_back"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE FUNCTION k() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1'; REVOKE ALL ON FUNCTION k() FROM PUBLIC; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC")


def downgrade() -> None:
    op.execute("SELECT 1")
