"""New column with foreign key."""

# expected: foreign-key-not-valid
from alembic import op

revision = "new_column_with_foreign_key"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN seller_id bigint DEFAULT 1 REFERENCES users (id)")


def downgrade() -> None:
    op.drop_column("orders", "seller_id")
