"""Shrink varchar batch."""

# expected: column-type-narrowed
import sqlalchemy as sa
from alembic import op

revision = "shrink_varchar_batch"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users") as b:
        b.alter_column("email", existing_type=sa.String(100), type_=sa.String(50))


def downgrade() -> None:
    op.execute("SELECT 1")
