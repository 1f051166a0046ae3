"""Matview refresh sel."""

# expected: view-changed
from alembic import op

revision = "matview_refresh_sel"
down_revision = "base"


def upgrade() -> None:
    op.execute("SELECT 1; REFRESH MATERIALIZED VIEW order_totals;")


def downgrade() -> None:
    op.execute("SELECT 1")
