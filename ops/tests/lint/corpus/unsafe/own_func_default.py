"""Own func default."""

# expected: volatile-default
from alembic import op

revision = "own_func_default"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN due int DEFAULT touch()")


def downgrade() -> None:
    op.execute("SELECT 1")
