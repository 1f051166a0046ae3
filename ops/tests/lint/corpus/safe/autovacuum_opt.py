"""Autovacuum opt."""

from alembic import op

revision = "autovacuum_opt"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 90)")


def downgrade() -> None:
    op.execute("ALTER TABLE orders RESET (autovacuum_vacuum_scale_factor, fillfactor)")
