"""Partition created new parent."""

from alembic import op

revision = "partition_created_new_parent"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TABLE logs (at date NOT NULL, body text) PARTITION BY RANGE (at)")
    op.execute("CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")
    op.execute("CREATE INDEX ix_logs ON logs (at)")


def downgrade() -> None:
    op.drop_table("logs")
