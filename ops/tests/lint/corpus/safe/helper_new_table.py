"""Helper new table."""

import sqlalchemy as sa
from alembic import op


def _make(name):
    op.create_table(name, sa.Column("id", sa.Integer(), primary_key=True))
    op.execute(f"ALTER TABLE {name} ADD COLUMN label text NOT NULL")


revision = "helper_new_table"
down_revision = "base"


def upgrade() -> None:
    _make("tags")


def downgrade() -> None:
    op.drop_table("tags")
