"""Schema and data mixed."""

# expected: data-and-schema-mixed
import sqlalchemy as sa
from alembic import op

revision = "schema_and_data_mixed"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("region", sa.Text(), nullable=True))
    op.execute("UPDATE orders SET region = 'eu' WHERE id BETWEEN 1 AND 5000")


def downgrade() -> None:
    op.drop_column("orders", "region")
