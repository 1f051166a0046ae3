"""Shrink varchar."""

# expected: column-type-narrowed
import sqlalchemy as sa
from alembic import op

revision = "shrink_varchar"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "email", existing_type=sa.String(100), type_=sa.String(50))


def downgrade() -> None:
    op.alter_column("users", "email", existing_type=sa.String(50), type_=sa.String(100))
