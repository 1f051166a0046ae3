"""Rename column raw."""

# expected: rename-column
from alembic import op

revision = "rename_column_raw"
down_revision = "base"


def upgrade() -> None:
    op.execute("alter table users rename email to mail")


def downgrade() -> None:
    op.execute("alter table users rename mail to email")
