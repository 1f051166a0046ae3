"""Computed persisted."""

# expected: rewriting-column
import sqlalchemy as sa
from alembic import op

revision = "computed_persisted"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("gross", sa.Numeric(), sa.Computed("total * 1.19", persisted=True)))


def downgrade() -> None:
    op.execute("SELECT 1")
