"""Set default."""

from alembic import op

revision = "set_default"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("orders", "state", server_default="open")


def downgrade() -> None:
    op.alter_column("orders", "state", server_default=None)
