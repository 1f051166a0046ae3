"""Set unlogged."""

# expected: move-table
from alembic import op

revision = "set_unlogged"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_log SET UNLOGGED")


def downgrade() -> None:
    op.execute("ALTER TABLE audit_log SET LOGGED")
