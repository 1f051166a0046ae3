"""Many statements one string."""

# expected: column-type-rewrite,index-not-concurrent
from alembic import op

revision = "many_statements_one_string"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
    SET lock_timeout = '5s';
    ALTER TABLE order_lines ALTER COLUMN quantity TYPE bigint;
    CREATE UNIQUE INDEX order_lines_uq ON order_lines (order_id, sku); -- one per order
    COMMENT ON TABLE order_lines IS 'lines; of orders';
""")


def downgrade() -> None:
    op.execute("DROP INDEX order_lines_uq; ALTER TABLE order_lines ALTER COLUMN quantity TYPE integer")
