"""Extension and sequence."""

from alembic import op

revision = "extension_and_sequence"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE SEQUENCE IF NOT EXISTS invoice_number START 1000")


def downgrade() -> None:
    op.execute("DROP SEQUENCE invoice_number")
