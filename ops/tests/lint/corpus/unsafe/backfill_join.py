"""Backfill join."""

# expected: unbounded-data-change
from alembic import op

revision = "backfill_join"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
    UPDATE orders o
       SET note = u.name
      FROM users u
     WHERE u.id = o.user_id
""")


def downgrade() -> None:
    pass
