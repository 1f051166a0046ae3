"""Enum existing col."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enum_existing_col"
down_revision = "base"


def upgrade() -> None:
    op.add_column(
        "orders", sa.Column("plan", postgresql.ENUM("free", "pro", name="plan", create_type=False), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("orders", "plan")
