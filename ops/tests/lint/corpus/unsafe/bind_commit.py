"""Bind commit."""

# expected: commit-in-revision
import sqlalchemy as sa
from alembic import op

revision = "bind_commit"
down_revision = "base"


def upgrade() -> None:
    bind = op.get_bind()
    op.add_column("users", sa.Column("locale", sa.Text(), nullable=True))
    bind.commit()


def downgrade() -> None:
    op.drop_column("users", "locale")
