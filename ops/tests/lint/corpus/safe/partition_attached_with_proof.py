"""Partition attached with proof."""

from alembic import op

revision = "partition_attached_with_proof"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY")
