"""Definer without path."""

# expected: definer-search-path
from alembic import op

revision = "definer_without_path"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
    CREATE FUNCTION close_order(order_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        UPDATE orders SET state = 'closed' WHERE id = order_id;
    END $$
""")
    op.execute("REVOKE EXECUTE ON FUNCTION close_order(bigint) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION close_order(bigint)")
