"""Foreign key not valid."""

from alembic import op

revision = "foreign_key_not_valid"
down_revision = "base"


def upgrade() -> None:
    op.create_foreign_key("fk_lines_order", "order_lines", "orders", ["order_id"], ["id"], postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint("fk_lines_order", "order_lines", type_="foreignkey")
