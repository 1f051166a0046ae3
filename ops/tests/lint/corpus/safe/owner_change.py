"""Owner change."""

from alembic import op

revision = "owner_change"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE settings OWNER TO app")


def downgrade() -> None:
    op.execute("SELECT 1")
