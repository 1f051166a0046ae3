"""Bool false."""

import sqlalchemy as sa
from alembic import op

revision = "bool_false"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("is_admin", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "is_admin")
