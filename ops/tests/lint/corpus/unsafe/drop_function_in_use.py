"""Drop function in use."""

# expected: drop-object
from alembic import op

revision = "drop_function_in_use"
down_revision = "base"


def upgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS touch()")


def downgrade() -> None:
    op.execute("CREATE FUNCTION touch() RETURNS int LANGUAGE sql AS 'SELECT 1'")
