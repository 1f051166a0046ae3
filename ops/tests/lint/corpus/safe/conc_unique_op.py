"""Conc unique op."""

from alembic import op

revision = "conc_unique_op"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("uq_s", "settings", ["value"], unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("uq_s", table_name="settings", postgresql_concurrently=True)
