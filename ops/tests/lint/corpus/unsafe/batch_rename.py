"""Batch rename."""

# expected: rename-column
from alembic import op

revision = "batch_rename"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users") as b:
        b.alter_column("name", new_column_name="full_name")


def downgrade() -> None:
    op.execute("SELECT 1")
