"""If condition data."""

# expected: drop-column
import sqlalchemy as sa
from alembic import op

revision = "if_condition_data"
down_revision = "base"


def upgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM pg_tables WHERE tablename = 'zz'")).scalar():
        op.execute("ALTER TABLE orders DROP COLUMN note")


def downgrade() -> None:
    op.execute("SELECT 1")
