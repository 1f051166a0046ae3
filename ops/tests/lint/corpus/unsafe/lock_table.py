"""Lock table."""

# expected: lock-table
import sqlalchemy as sa
from alembic import op

revision = "lock_table"
down_revision = "base"


def upgrade() -> None:
    op.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    op.add_column("orders", sa.Column("weight", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "weight")
