"""Default current."""

import sqlalchemy as sa
from alembic import op

revision = "default_current"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("at2", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp()))


def downgrade() -> None:
    op.drop_column("orders", "at2")
