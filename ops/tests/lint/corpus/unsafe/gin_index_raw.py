"""Gin index raw."""

# expected: index-not-concurrent
from alembic import op

revision = "gin_index_raw"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE INDEX users_payload_gin ON users USING gin ((payload::jsonb))")


def downgrade() -> None:
    op.execute("DROP INDEX users_payload_gin")
