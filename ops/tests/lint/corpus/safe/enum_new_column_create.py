"""Enum new column create."""

import sqlalchemy as sa
from alembic import op

revision = "enum_new_column_create"
down_revision = "base"


def upgrade() -> None:
    sa.Enum("x", "y", name="kind_e").create(op.get_bind(), checkfirst=True)
    op.add_column("orders", sa.Column("k", sa.Enum("x", "y", name="kind_e"), server_default="x", nullable=False))


def downgrade() -> None:
    op.drop_column("orders", "k")
    op.execute("DROP TYPE kind_e")
