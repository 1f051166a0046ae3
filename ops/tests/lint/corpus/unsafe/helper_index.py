"""Helper index."""

# expected: index-not-concurrent
from alembic import op


def _index(table, column):
    op.execute(f"create index ix_{table}_{column} on {table} ({column})")


revision = "helper_index"
down_revision = "base"


def upgrade() -> None:
    _index("orders", "state")


def downgrade() -> None:
    op.execute("SELECT 1")
