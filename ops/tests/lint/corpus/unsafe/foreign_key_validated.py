"""Foreign key validated."""

# expected: foreign-key-not-valid
from alembic import op

revision = "foreign_key_validated"
down_revision = "base"


def upgrade() -> None:
    op.create_foreign_key("fk_orders_user", "orders", "users", ["user_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint("fk_orders_user", "orders", type_="foreignkey")
