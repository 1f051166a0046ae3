"""Not null without default."""

# expected: add-required-column
import sqlalchemy as sa
from alembic import op

revision = "not_null_without_default"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("country", sa.String(2), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "country")
