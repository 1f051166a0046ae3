"""Insert on conflict."""

from alembic import op

revision = "insert_on_conflict"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "INSERT INTO settings (key, value) VALUES ('a', '1') ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )


def downgrade() -> None:
    op.execute("DELETE FROM settings WHERE key = 'a'")
