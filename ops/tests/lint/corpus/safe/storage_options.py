"""Storage options."""

from alembic import op

revision = "storage_options"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE orders ALTER COLUMN note SET STATISTICS 500")


def downgrade() -> None:
    op.execute("ALTER TABLE orders RESET (fillfactor, autovacuum_vacuum_scale_factor)")
