"""Dollar tag."""

# expected: index-not-concurrent
from alembic import op

revision = "dollar_tag"
down_revision = "base"


def upgrade() -> None:
    op.execute("DO $body_1$ BEGIN CREATE INDEX ix ON orders (state); END $body_1$ LANGUAGE plpgsql")


def downgrade() -> None:
    op.execute("SELECT 1")
