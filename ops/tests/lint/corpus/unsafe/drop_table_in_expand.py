"""Drop table in expand."""

# expected: drop-table
import sqlalchemy as sa
from alembic import op

revision = "drop_table_in_expand"
down_revision = "base"
kind = "expand"


def upgrade() -> None:
    op.drop_table("audit_log")


def downgrade() -> None:
    op.create_table("audit_log", sa.Column("id", sa.BigInteger(), primary_key=True))
