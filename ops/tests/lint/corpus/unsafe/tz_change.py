"""Tz change."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op

revision = "tz_change"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("orders", "created_at", type_=sa.DateTime(timezone=True), existing_type=sa.DateTime())


def downgrade() -> None:
    op.execute("SELECT 1")
