"""Batch by range."""

import sqlalchemy as sa
from alembic import op

revision = "batch_by_range"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    bind = op.get_bind()
    with op.get_context().autocommit_block():
        for start in range(0, 10000, 1000):
            bind.execute(sa.text("UPDATE orders SET state = 'x' WHERE id BETWEEN :a AND :b AND state IS NULL"), {"a": start, "b": start + 999})


def downgrade() -> None:
    op.execute("SELECT 1")
