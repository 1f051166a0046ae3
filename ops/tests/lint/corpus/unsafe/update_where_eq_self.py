"""Update where eq self."""

# expected: unbounded-data-change
from alembic import op

revision = "update_where_eq_self"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE settings SET value = 'x' WHERE 1 = 1")


def downgrade() -> None:
    op.execute("SELECT 1")
