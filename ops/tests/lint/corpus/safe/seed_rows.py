"""Seed rows."""

import sqlalchemy as sa
from alembic import op

revision = "seed_rows"
down_revision = "base"


def upgrade() -> None:
    op.bulk_insert(
        sa.table("settings", sa.column("key", sa.Text()), sa.column("value", sa.Text())),
        [{"key": "theme", "value": "dark"}, {"key": "DROP TABLE users", "value": "'; TRUNCATE users"}],
    )


def downgrade() -> None:
    op.execute("DELETE FROM settings WHERE key IN ('theme')")
