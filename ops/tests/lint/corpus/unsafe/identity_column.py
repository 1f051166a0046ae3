"""Identity column."""

# expected: rewriting-column
import sqlalchemy as sa
from alembic import op

revision = "identity_column"
down_revision = "base"


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False))


def downgrade() -> None:
    op.drop_column("order_lines", "number")
