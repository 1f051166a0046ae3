"""Add col fk named."""

# expected: foreign-key-not-valid
import sqlalchemy as sa
from alembic import op

revision = "add_col_fk_named"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("pid", sa.BigInteger(), sa.ForeignKey("users.id", name="fk_pid"), nullable=True))


def downgrade() -> None:
    op.execute("SELECT 1")
