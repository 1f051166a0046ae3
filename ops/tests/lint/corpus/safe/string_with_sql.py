"""String with sql."""

import sqlalchemy as sa
from alembic import op

revision = "string_with_sql"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.bulk_insert(
        sa.table("settings", sa.column("key"), sa.column("value")),
        [{"key": "sql", "value": "DROP TABLE users; TRUNCATE orders"}],
    )


def downgrade() -> None:
    op.execute("DELETE FROM settings WHERE key = 'sql'")
