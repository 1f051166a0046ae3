"""Add col index true."""

# expected: index-not-concurrent
import sqlalchemy as sa
from alembic import op

revision = "add_col_index_true"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("ref", sa.Text(), index=True))


def downgrade() -> None:
    op.execute("SELECT 1")
