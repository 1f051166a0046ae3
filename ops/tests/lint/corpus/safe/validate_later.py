"""Validate later."""

from alembic import op

revision = "validate_later"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE public.orders VALIDATE CONSTRAINT fk_orders_user_nv")


def downgrade() -> None:
    op.execute("SELECT 1")
