"""Clock default."""

# expected: volatile-default
import sqlalchemy as sa
from alembic import op

revision = "clock_default"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()))


def downgrade() -> None:
    op.drop_column("users", "seen_at")
