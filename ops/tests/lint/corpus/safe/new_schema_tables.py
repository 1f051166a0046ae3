"""New schema tables."""

import sqlalchemy as sa
from alembic import op

revision = "new_schema_tables"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS reporting")
    op.create_table("daily", sa.Column("id", sa.Integer(), primary_key=True), schema="reporting")
    op.create_index("ix_daily", "daily", ["id"], schema="reporting")
    op.execute("ALTER TABLE reporting.daily ADD COLUMN x serial")


def downgrade() -> None:
    op.drop_table("daily", schema="reporting")
    op.execute("DROP SCHEMA reporting")
