"""Delete by key."""

import sqlalchemy as sa
from alembic import op

revision = "delete_by_key"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM settings WHERE key = :k").bindparams(k="old"))


def downgrade() -> None:
    op.execute("SELECT 1")
