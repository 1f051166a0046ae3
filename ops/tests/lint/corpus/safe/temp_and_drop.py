"""Temp and drop."""

from alembic import op

revision = "temp_and_drop"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TEMP TABLE keep (id int)")
    op.execute("INSERT INTO keep VALUES (1)")
    op.execute("UPDATE keep SET id = 2")
    op.execute("DROP TABLE keep")


def downgrade() -> None:
    op.execute("SELECT 1")
