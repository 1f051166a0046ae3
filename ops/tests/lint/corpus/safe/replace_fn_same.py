"""Replace fn same."""

from alembic import op

revision = "replace_fn_same"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE OR REPLACE FUNCTION touch() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 2'")


def downgrade() -> None:
    op.execute("SELECT 1")
