"""Fk not valid op."""

from alembic import op

revision = "fk_not_valid_op"
down_revision = "base"


def upgrade() -> None:
    op.create_foreign_key("fk_lines", "order_lines", "orders", ["order_id"], ["id"], postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint("fk_lines", "order_lines", type_="foreignkey")
