"""Array change."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op

revision = "array_change"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("order_lines", "sku", type_=sa.ARRAY(sa.Text()), postgresql_using="ARRAY[sku]")


def downgrade() -> None:
    op.execute("SELECT 1")
