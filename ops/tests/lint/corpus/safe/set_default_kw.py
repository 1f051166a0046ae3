"""Set default kw."""

import sqlalchemy as sa
from alembic import op

revision = "set_default_kw"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("orders", "state", existing_type=sa.Text(), server_default="open")


def downgrade() -> None:
    op.alter_column("orders", "state", server_default=None)
