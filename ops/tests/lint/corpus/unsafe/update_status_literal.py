"""Update status literal."""

# expected: unbounded-data-change
from alembic import op

revision = "update_status_literal"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE orders SET state = 'done' WHERE state = 'closed'")


def downgrade() -> None:
    op.execute("SELECT 1")
