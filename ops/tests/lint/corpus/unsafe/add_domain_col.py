"""Add domain col."""

# expected: rewriting-column
from alembic import op

revision = "add_domain_col"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE DOMAIN pos AS int CHECK (VALUE > 0)")
    op.execute("ALTER TABLE orders ADD COLUMN n pos")


def downgrade() -> None:
    op.execute("SELECT 1")
