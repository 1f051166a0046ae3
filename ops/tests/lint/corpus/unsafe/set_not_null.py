"""Set not null."""

# expected: set-not-null
import sqlalchemy as sa
from alembic import op

revision = "set_not_null"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "name", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    op.alter_column("users", "name", existing_type=sa.Text(), nullable=True)
