"""Drop default breaks."""

# expected: drop-default
from alembic import op

revision = "drop_default_breaks"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "plan", server_default=None)


def downgrade() -> None:
    op.execute("SELECT 1")
