"""Disable triggers."""

# expected: trigger-changed
from alembic import op

revision = "disable_triggers"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders DISABLE TRIGGER ALL")
    op.execute("UPDATE orders SET note = 'x' WHERE id = 7")
    op.execute("ALTER TABLE orders ENABLE TRIGGER ALL")


def downgrade() -> None:
    pass
