"""Index create bind."""

# expected: index-not-concurrent
import sqlalchemy as sa
from alembic import op

revision = "index_create_bind"
down_revision = "base"


def upgrade() -> None:
    sa.Index("ix_y", sa.Table("orders", sa.MetaData(), sa.Column("state", sa.Text())).c.state).create(op.get_bind())


def downgrade() -> None:
    op.execute("SELECT 1")
