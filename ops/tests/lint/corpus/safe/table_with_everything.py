"""Table with everything."""

import sqlalchemy as sa
from alembic import op

revision = "table_with_everything"
down_revision = "base"


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False, unique=True),
        sa.Column("total", sa.Numeric(10, 2), sa.CheckConstraint("total >= 0")),
        sa.Column("double", sa.Numeric(), sa.Computed("total * 2", persisted=True)),
    )
    op.create_index("ix_carts_total", "carts", ["total"])
    op.execute("ALTER TABLE carts ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON carts USING (true)")


def downgrade() -> None:
    op.drop_table("carts")
