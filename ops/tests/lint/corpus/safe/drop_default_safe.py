"""Drop default safe."""

import sqlalchemy as sa
from alembic import op

revision = "drop_default_safe"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("orders", "created_at", server_default=sa.text("clock_timestamp()"), existing_type=sa.DateTime())


def downgrade() -> None:
    op.alter_column("orders", "created_at", server_default=sa.text("now()"))
