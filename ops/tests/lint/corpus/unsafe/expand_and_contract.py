"""Expand and contract."""

# expected: mixed-kinds
import sqlalchemy as sa
from alembic import op

revision = "expand_and_contract"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("full_name", sa.Text(), nullable=True))
    op.drop_column("users", "name")


def downgrade() -> None:
    op.add_column("users", sa.Column("name", sa.Text(), nullable=True))
    op.drop_column("users", "full_name")
