"""Matview new."""

from alembic import op

revision = "matview_new"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM orders WITH NO DATA")


def downgrade() -> None:
    op.execute("DROP MATERIALIZED VIEW mv")
