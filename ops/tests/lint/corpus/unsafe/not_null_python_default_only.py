"""Not null python default only."""

# expected: add-required-column
import sqlalchemy as sa
from alembic import op

revision = "not_null_python_default_only"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("currency", sa.String(3), nullable=False, default="EUR"))


def downgrade() -> None:
    op.drop_column("orders", "currency")
