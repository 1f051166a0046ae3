"""Bulk session."""

# expected: unbounded-data-change
import sqlalchemy as sa
from alembic import op

revision = "bulk_session"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT id FROM users")).mappings().all()
    bind.execute(sa.text("UPDATE users SET age = 1 WHERE id = :id"), [dict(r) for r in rows])


def downgrade() -> None:
    op.execute("SELECT 1")
