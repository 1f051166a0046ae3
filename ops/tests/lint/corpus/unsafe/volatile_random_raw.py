"""Volatile random raw."""

# expected: volatile-default
from alembic import op

revision = "volatile_random_raw"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN bucket integer NOT NULL DEFAULT (random() * 100)::integer")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN bucket")
