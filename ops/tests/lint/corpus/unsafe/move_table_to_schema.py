"""Move table to schema."""

# expected: rename-table
from alembic import op

revision = "move_table_to_schema"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS archive")
    op.execute("ALTER TABLE audit_log SET SCHEMA archive")


def downgrade() -> None:
    op.execute("ALTER TABLE archive.audit_log SET SCHEMA public")
