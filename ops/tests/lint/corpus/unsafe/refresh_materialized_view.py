"""Refresh materialized view."""

# expected: view-changed
from alembic import op

revision = "refresh_materialized_view"
down_revision = "base"


def upgrade() -> None:
    op.execute("REFRESH MATERIALIZED VIEW order_totals")


def downgrade() -> None:
    pass
