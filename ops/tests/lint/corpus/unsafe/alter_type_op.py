"""Alter type op."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op

revision = "alter_type_op"
down_revision = "base"


def upgrade() -> None:
    op.alter_column(
        "orders", "user_id", type_=sa.BigInteger(), existing_type=sa.Integer(), postgresql_using="user_id::bigint"
    )


def downgrade() -> None:
    op.execute("SELECT 1")
