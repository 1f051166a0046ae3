"""Char n."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op

revision = "char_n"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "status", type_=sa.CHAR(20), existing_type=sa.String(20))


def downgrade() -> None:
    op.execute("SELECT 1")
