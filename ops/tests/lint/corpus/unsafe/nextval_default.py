"""Nextval default."""

# expected: volatile-default
import sqlalchemy as sa
from alembic import op

revision = "nextval_default"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE sq")
    op.add_column("settings", sa.Column("n", sa.BigInteger(), server_default=sa.text("nextval('sq'::regclass)")))


def downgrade() -> None:
    op.execute("SELECT 1")
