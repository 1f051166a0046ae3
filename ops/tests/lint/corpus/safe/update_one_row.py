"""Update one row."""

from alembic import op

revision = "update_one_row"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE users SET status = 'closed' WHERE id = 42")


def downgrade() -> None:
    op.execute("UPDATE users SET status = 'open' WHERE id = 42")
