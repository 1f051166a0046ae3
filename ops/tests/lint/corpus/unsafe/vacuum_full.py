"""Vacuum full."""

# expected: heavy-maintenance
from alembic import op

revision = "vacuum_full"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("VACUUM FULL orders")


def downgrade() -> None:
    pass
