"""Serial column."""

# expected: rewriting-column
from alembic import op

revision = "serial_column"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE order_lines ADD COLUMN position SERIAL")


def downgrade() -> None:
    op.drop_column("order_lines", "position")
