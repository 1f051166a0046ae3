"""Column with inline reference."""

from alembic import op

revision = "column_with_inline_reference"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN approver_id bigint REFERENCES users (id)")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP COLUMN approver_id")
