"""Attach partition."""

# expected: partition-attached
from alembic import op

revision = "attach_partition"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")


def downgrade() -> None:
    op.execute("ALTER TABLE events DETACH PARTITION events_2025")
