"""Conditional by inspection."""

# expected: add-required-column
import sqlalchemy as sa
from alembic import op

revision = "conditional_by_inspection"
down_revision = "base"


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.add_column("orders", sa.Column("source", sa.Text(), nullable=False))


def downgrade() -> None:
    op.drop_column("orders", "source")
