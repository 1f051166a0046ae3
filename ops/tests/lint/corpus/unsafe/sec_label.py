"""Sec label."""

# expected: definer-search-path
from alembic import op

revision = "sec_label"
down_revision = "base"


def upgrade() -> None:
    op.execute("create function app_fn() returns trigger language plpgsql security definer as $$begin return new; end$$")


def downgrade() -> None:
    op.execute("SELECT 1")
