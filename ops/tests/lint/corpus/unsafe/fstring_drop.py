"""Fstring drop."""

# expected: drop-column
from alembic import op

TABLES = ["orders"]

revision = "fstring_drop"
down_revision = "base"


def upgrade() -> None:
    for t in TABLES:
        op.execute(f"ALTER TABLE {t} DROP COLUMN note")


def downgrade() -> None:
    op.execute("SELECT 1")
