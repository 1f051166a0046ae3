"""Enum made first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enum_made_first"
down_revision = "base"


def upgrade() -> None:
    postgresql.ENUM("web", "app", name="order_channel").create(op.get_bind())
    op.add_column(
        "orders", sa.Column("channel", postgresql.ENUM("web", "app", name="order_channel", create_type=False))
    )


def downgrade() -> None:
    op.drop_column("orders", "channel")
    op.execute("DROP TYPE order_channel")
