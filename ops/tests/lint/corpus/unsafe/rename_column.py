"""Rename column."""

# expected: rename-column
from alembic import op

revision = "rename_column"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "name", new_column_name="full_name")


def downgrade() -> None:
    op.alter_column("users", "full_name", new_column_name="name")
