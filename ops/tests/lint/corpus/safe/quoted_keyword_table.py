"""Quoted keyword table."""

import sqlalchemy as sa
from alembic import op

revision = "quoted_keyword_table"
down_revision = "base"


def upgrade() -> None:
    op.create_table("user", sa.Column("order", sa.Integer(), primary_key=True), sa.Column("group", sa.Text()))
    op.create_index("ix_g", "user", ["group"])


def downgrade() -> None:
    op.drop_table("user")
