"""Enum column never created."""

# expected: enum-from-scratch
import sqlalchemy as sa
from alembic import op

revision = "enum_column_never_created"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("channel", sa.Enum("web", "app", name="order_channel"), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "channel")
