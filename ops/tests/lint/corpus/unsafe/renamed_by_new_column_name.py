"""Renamed by new column name."""

# expected: rename-column
import sqlalchemy as sa
from alembic import op

revision = "renamed_by_new_column_name"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "name", new_column_name="full_name", existing_type=sa.Text())


def downgrade() -> None:
    op.execute("SELECT 1")
