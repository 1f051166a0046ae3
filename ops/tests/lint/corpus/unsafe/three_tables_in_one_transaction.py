"""Three tables in one transaction."""

# expected: several-tables-locked
import sqlalchemy as sa
from alembic import op

revision = "three_tables_in_one_transaction"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("tenant_id", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("tenant_id", sa.BigInteger(), nullable=True))
    op.add_column("order_lines", sa.Column("tenant_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("order_lines", "tenant_id")
    op.drop_column("orders", "tenant_id")
    op.drop_column("users", "tenant_id")
