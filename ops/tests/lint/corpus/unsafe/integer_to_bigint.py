"""Integer to bigint."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op

revision = "integer_to_bigint"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("orders", "user_id", existing_type=sa.Integer(), type_=sa.BigInteger())


def downgrade() -> None:
    op.alter_column("orders", "user_id", existing_type=sa.BigInteger(), type_=sa.Integer())
