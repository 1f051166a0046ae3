"""Fk then index new."""

import sqlalchemy as sa
from alembic import op

revision = "fk_then_index_new"
down_revision = "base"


def upgrade() -> None:
    op.create_table("child", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("pid", sa.Integer()))
    op.create_foreign_key(None, "child", "child", ["pid"], ["id"])


def downgrade() -> None:
    op.drop_table("child")
