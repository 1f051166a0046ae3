"""Batch nullable."""

import sqlalchemy as sa
from alembic import op

revision = "batch_nullable"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("nick", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("nick")
