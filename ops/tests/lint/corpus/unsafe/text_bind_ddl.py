"""Text bind ddl."""

# expected: drop-table
import sqlalchemy as sa
from alembic import op

revision = "text_bind_ddl"
down_revision = "base"


def upgrade() -> None:
    op.get_bind().execute(sa.text("drop table if exists settings, order_lines cascade"))


def downgrade() -> None:
    op.execute("SELECT 1")
