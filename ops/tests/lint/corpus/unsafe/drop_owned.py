"""Drop owned."""

# expected: drop-object
from alembic import op

revision = "drop_owned"
down_revision = "base"


def upgrade() -> None:
    op.execute("DROP OWNED BY app CASCADE")


def downgrade() -> None:
    op.execute("SELECT 1")
