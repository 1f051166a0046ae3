"""Nullable column."""

import sqlalchemy as sa
from alembic import op

revision = "nullable_column"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("nickname", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "nickname")
