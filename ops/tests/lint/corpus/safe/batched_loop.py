"""Batched loop."""

import sqlalchemy as sa
from alembic import op

revision = "batched_loop"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    bind = op.get_bind()
    with op.get_context().autocommit_block():
        while True:
            done = bind.execute(
                sa.text(
                    "UPDATE orders SET state = 'open' WHERE id IN (SELECT id FROM orders WHERE state IS NULL LIMIT 1000)"
                )
            )
            if done.rowcount == 0:
                break


def downgrade() -> None:
    op.execute("SELECT 1")
