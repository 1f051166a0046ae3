"""Partitioned index only."""

from alembic import op

revision = "partitioned_index_only"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_events_at ON ONLY events (at)")


def downgrade() -> None:
    op.execute("DROP INDEX CONCURRENTLY ix_events_at")
