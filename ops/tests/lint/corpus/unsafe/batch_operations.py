"""Batch operations."""

# expected: drop-column,set-not-null
import sqlalchemy as sa
from alembic import op

revision = "batch_operations"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("phone", sa.String(20), nullable=True))
        batch.alter_column("status", existing_type=sa.String(20), nullable=False)
        batch.drop_column("age")


def downgrade() -> None:
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("age", sa.Integer()))
        batch.alter_column("status", existing_type=sa.String(20), nullable=True)
        batch.drop_column("phone")
