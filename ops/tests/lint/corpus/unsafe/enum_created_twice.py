"""Enum created twice."""

# expected: enum-from-scratch
import sqlalchemy as sa
from alembic import op

revision = "enum_created_twice"
down_revision = "base"


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("plan", sa.Enum("free", "pro", name="plan"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("subscriptions")
