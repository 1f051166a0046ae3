"""Domain with check."""

# expected: check-not-valid
from alembic import op

revision = "domain_with_check"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER DOMAIN email_address ADD CONSTRAINT has_at CHECK (VALUE ~ '@')")


def downgrade() -> None:
    op.execute("ALTER DOMAIN email_address DROP CONSTRAINT has_at")
