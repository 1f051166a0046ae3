"""Domain not null."""

# expected: set-not-null
from alembic import op

revision = "domain_not_null"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER DOMAIN email_address SET NOT NULL")


def downgrade() -> None:
    op.execute("SELECT 1")
