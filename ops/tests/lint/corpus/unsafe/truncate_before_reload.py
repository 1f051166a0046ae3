"""Truncate before reload."""

# expected: truncate-table
from alembic import op

revision = "truncate_before_reload"
down_revision = "base"


def upgrade() -> None:
    op.execute("TRUNCATE TABLE audit_log RESTART IDENTITY")
    op.execute("INSERT INTO audit_log (action) VALUES ('reset')")


def downgrade() -> None:
    pass
