"""Only star."""

# expected: drop-column
from alembic import op

revision = "only_star"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders * DROP note")


def downgrade() -> None:
    op.execute("SELECT 1")
