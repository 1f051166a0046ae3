"""Join lines."""

# expected: index-not-concurrent
from alembic import op

revision = "join_lines"
down_revision = "base"


def upgrade() -> None:
    op.execute(" ".join(["CREATE", "INDEX", "j", "ON", "orders", "(state)"]))


def downgrade() -> None:
    op.execute("SELECT 1")
