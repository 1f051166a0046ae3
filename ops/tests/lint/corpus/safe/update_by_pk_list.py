"""Update by pk list."""

from alembic import op

revision = "update_by_pk_list"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("UPDATE settings SET value = '1' WHERE key IN ('a', 'b')")


def downgrade() -> None:
    op.execute("SELECT 1")
