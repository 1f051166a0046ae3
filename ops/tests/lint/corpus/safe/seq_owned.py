"""Seq owned."""

from alembic import op

revision = "seq_owned"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE IF NOT EXISTS inv_seq OWNED BY NONE")
    op.execute("ALTER SEQUENCE inv_seq CACHE 20")


def downgrade() -> None:
    op.execute("DROP SEQUENCE inv_seq")
