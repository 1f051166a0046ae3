"""Drop not null."""

import sqlalchemy as sa
from alembic import op

revision = "drop_not_null"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.alter_column("orders", "user_id", existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    raise NotImplementedError
