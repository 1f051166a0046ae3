"""Materialized view with index."""

from alembic import op

revision = "materialized_view_with_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE MATERIALIZED VIEW daily AS SELECT created_at::date AS day, count(*) AS n FROM orders GROUP BY 1")
    op.execute("CREATE UNIQUE INDEX daily_day ON daily (day)")


def downgrade() -> None:
    op.execute("DROP MATERIALIZED VIEW daily")
