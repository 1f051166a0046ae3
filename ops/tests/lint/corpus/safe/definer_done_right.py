"""Definer done right."""

from alembic import op

revision = "definer_done_right"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
CREATE FUNCTION public.close_order(order_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $$
DECLARE
    found_id bigint;
BEGIN
    SELECT o.id INTO found_id FROM public.orders AS o WHERE o.id = order_id;
    UPDATE public.orders SET state = 'closed' WHERE id = found_id;
END $$
""")
    op.execute("REVOKE ALL ON FUNCTION public.close_order(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION public.close_order(bigint) TO app_user")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.close_order(bigint)")
