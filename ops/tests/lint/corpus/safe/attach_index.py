"""Attach index."""

from alembic import op

revision = "attach_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_part ON ONLY events (at)")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY ix_part_24 ON events_2024 (at)")
    op.execute("ALTER INDEX ix_part ATTACH PARTITION ix_part_24")


def downgrade() -> None:
    op.execute("SELECT 1")
