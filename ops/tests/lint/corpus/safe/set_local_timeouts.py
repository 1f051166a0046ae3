"""Set local timeouts."""

import sqlalchemy as sa
from alembic import op

revision = "set_local_timeouts"
down_revision = "base"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s'")
    op.add_column("users", sa.Column("x", sa.Integer()))


def downgrade() -> None:
    op.drop_column("users", "x")
