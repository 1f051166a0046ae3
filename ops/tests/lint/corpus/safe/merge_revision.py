"""Merge revision."""

from alembic import op

revision = "merge_revision"
down_revision = "base"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
