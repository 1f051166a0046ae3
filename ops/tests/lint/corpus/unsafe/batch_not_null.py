"""Batch not null."""

# expected: set-not-null
import sqlalchemy as sa
from alembic import op

revision = "batch_not_null"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("orders", schema="public") as batch_op:
        batch_op.alter_column("state", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    op.execute("SELECT 1")
