"""Widen varchar."""

import sqlalchemy as sa
from alembic import op

revision = "widen_varchar"
down_revision = "base"


def upgrade() -> None:
    op.alter_column(
        "users", "email", existing_type=sa.String(length=100), type_=sa.String(length=255), existing_nullable=True
    )


def downgrade() -> None:
    op.execute("SELECT 1")
