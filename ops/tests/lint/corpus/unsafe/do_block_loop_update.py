"""Do block loop update."""

# expected: unbounded-data-change
from alembic import op

revision = "do_block_loop_update"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM orders LOOP UPDATE orders SET note = '' WHERE id = r.id; END LOOP; END $$"
    )


def downgrade() -> None:
    pass
