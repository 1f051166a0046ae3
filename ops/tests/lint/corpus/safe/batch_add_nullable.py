"""Batch add nullable."""

import sqlalchemy as sa
from alembic import op

revision = "batch_add_nullable"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bio", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("score", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("score")
        batch_op.drop_column("bio")
