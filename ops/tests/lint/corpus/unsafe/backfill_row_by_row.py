"""Backfill row by row."""

# expected: unbounded-data-change
import sqlalchemy as sa
from alembic import op

revision = "backfill_row_by_row"
down_revision = "base"


def upgrade() -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, email FROM users")):
        bind.execute(sa.text("UPDATE users SET name = :name WHERE id = :id"), {"name": row.email, "id": row.id})


def downgrade() -> None:
    pass
