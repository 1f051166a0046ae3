"""Fk in batch."""

# expected: foreign-key-not-valid
from alembic import op

revision = "fk_in_batch"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("order_lines") as b:
        b.create_foreign_key("fk_ol", "orders", ["order_id"], ["id"])


def downgrade() -> None:
    op.execute("SELECT 1")
