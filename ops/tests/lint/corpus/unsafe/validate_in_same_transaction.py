"""Validate in same transaction."""

# expected: validate-in-same-transaction
from alembic import op

revision = "validate_in_same_transaction"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID")
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_user_fk")


def downgrade() -> None:
    op.drop_constraint("orders_user_fk", "orders")
