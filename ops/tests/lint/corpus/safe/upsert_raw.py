"""Upsert raw."""

from alembic import op

revision = "upsert_raw"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute(
        "INSERT INTO settings (key, value) VALUES ('x', '1') ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )


def downgrade() -> None:
    op.execute("DELETE FROM settings WHERE key = 'x'")
