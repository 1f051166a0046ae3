"""Downgrade missing."""

# expected: missing-downgrade
import sqlalchemy as sa
from alembic import op

revision = "downgrade_missing"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("nickname", sa.Text(), nullable=True))


def downgrade() -> None:
    pass
