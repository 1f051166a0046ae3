"""Column with now."""

import sqlalchemy as sa
from alembic import op

revision = "column_with_now"
down_revision = "base"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("users", "joined_at")
