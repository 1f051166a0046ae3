"""Update bool literal."""

# expected: unbounded-data-change
from alembic import op

revision = "update_bool_literal"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE users SET status = 'a' WHERE plan = 'free'")


def downgrade() -> None:
    op.execute("SELECT 1")
