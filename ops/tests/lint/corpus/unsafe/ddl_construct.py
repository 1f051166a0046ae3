"""Ddl construct."""

# expected: index-not-concurrent
import sqlalchemy as sa
from alembic import op

revision = "ddl_construct"
down_revision = "base"


def upgrade() -> None:
    op.execute(sa.DDL("CREATE INDEX ix_x ON orders (state)"))


def downgrade() -> None:
    op.execute("SELECT 1")
