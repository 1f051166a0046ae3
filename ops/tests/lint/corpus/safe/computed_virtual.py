"""Computed virtual."""

from alembic import op

revision = "computed_virtual"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 2) VIRTUAL")


def downgrade() -> None:
    op.drop_column("orders", "gross")
