"""Definer set from current."""

# expected: definer-search-path
from alembic import op

revision = "definer_set_from_current"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION f1() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $f$ SELECT 1 $f$"
    )


def downgrade() -> None:
    op.execute("SELECT 1")
