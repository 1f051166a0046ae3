"""Create table."""

import sqlalchemy as sa
from alembic import op

revision = "create_table"
down_revision = "base"


def upgrade() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.CheckConstraint("amount >= 0", name="ck_amount"),
        sa.UniqueConstraint("order_id", name="uq_invoice_order"),
    )
    op.create_index("ix_invoices_amount", "invoices", ["amount"])


def downgrade() -> None:
    op.drop_index("ix_invoices_amount", table_name="invoices")
    op.drop_table("invoices")
