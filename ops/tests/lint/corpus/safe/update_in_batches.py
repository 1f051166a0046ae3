"""Update in batches."""

import sqlalchemy as sa
from alembic import op

revision = "update_in_batches"
down_revision = "base"
kind = "data"
reversible = False


def upgrade() -> None:
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        while True:
            done = bind.execute(
                sa.text(
                    "UPDATE orders SET state = 'open' WHERE id IN "
                    "(SELECT id FROM orders WHERE state IS NULL ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)"
                )
            )
            if not done.rowcount or op.get_context().as_sql:
                break


def downgrade() -> None:
    pass
