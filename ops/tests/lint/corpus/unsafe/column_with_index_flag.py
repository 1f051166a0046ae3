"""Column with index flag."""

# expected: index-not-concurrent
import sqlalchemy as sa
from alembic import op

revision = "column_with_index_flag"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("sku", sa.Text(), nullable=True))
    op.create_index(op.f("ix_orders_sku"), "orders", ["sku"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_orders_sku"), table_name="orders")
    op.drop_column("orders", "sku")
