"""New domain."""

from alembic import op

revision = "new_domain"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE DOMAIN zip AS text CHECK (VALUE ~ '^[0-9]{5}$')")


def downgrade() -> None:
    op.execute("DROP DOMAIN zip")
