"""Delete where true."""

# expected: unbounded-data-change
from alembic import op

revision = "delete_where_true"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("DELETE FROM settings WHERE true")


def downgrade() -> None:
    op.execute("SELECT 1")
