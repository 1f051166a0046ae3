"""Detach partition."""

# expected: partition-attached
from alembic import op

revision = "detach_partition"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE events DETACH PARTITION events_2024")


def downgrade() -> None:
    op.execute("ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
