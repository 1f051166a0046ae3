"""Update by cte in batches."""

from alembic import op

revision = "update_by_cte_in_batches"
down_revision = "base"
kind = "data"
reversible = False


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(
            "WITH batch AS (SELECT id FROM orders WHERE state IS NULL LIMIT 500 FOR UPDATE SKIP LOCKED) "
            "UPDATE orders SET state = 'open' FROM batch WHERE orders.id = batch.id"
        )


def downgrade() -> None:
    pass
