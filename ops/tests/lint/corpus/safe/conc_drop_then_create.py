"""Conc drop then create."""

from alembic import op

revision = "conc_drop_then_create"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_new")
        op.execute("CREATE INDEX CONCURRENTLY ix_new ON orders (state) INCLUDE (note) WITH (fillfactor = 90)")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY ix_new")
