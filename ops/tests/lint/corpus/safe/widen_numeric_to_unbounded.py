"""Widen numeric to unbounded."""

import sqlalchemy as sa
from alembic import op

revision = "widen_numeric_to_unbounded"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.alter_column("orders", "total", type_=sa.Numeric(), existing_type=sa.Numeric(10, 2))


def downgrade() -> None:
    op.execute("SELECT 1")
