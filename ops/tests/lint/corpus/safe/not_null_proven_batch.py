"""Not null proven batch."""

import sqlalchemy as sa
from alembic import op

revision = "not_null_proven_batch"
down_revision = "base"


def upgrade() -> None:
    with op.batch_alter_table("users") as b:
        b.alter_column("email", existing_type=sa.String(100), nullable=False)


def downgrade() -> None:
    op.alter_column("users", "email", nullable=True)
