"""With delete."""

# expected: delete-all-rows
from alembic import op

revision = "with_delete"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("WITH gone AS (DELETE FROM order_lines RETURNING *) INSERT INTO audit_log SELECT id, gen_random_uuid(), sku FROM gone")


def downgrade() -> None:
    op.execute("SELECT 1")
