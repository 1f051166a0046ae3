"""Tsvector trigger new."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "tsvector_trigger_new"
down_revision = "base"


def upgrade() -> None:
    op.create_table("docs", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", postgresql.TSVECTOR()))
    op.create_index("ix_docs", "docs", ["v"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("docs")
