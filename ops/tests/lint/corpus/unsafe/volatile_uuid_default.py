"""Volatile uuid default."""

# expected: volatile-default
import sqlalchemy as sa
from alembic import op

revision = "volatile_uuid_default"
down_revision = "base"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("public_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("users", "public_id")
