"""Replica identity."""

from alembic import op

revision = "replica_identity"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders REPLICA IDENTITY FULL")


def downgrade() -> None:
    op.execute("SELECT 1")
