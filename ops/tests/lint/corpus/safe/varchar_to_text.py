"""Varchar to text."""

import sqlalchemy as sa
from alembic import op

revision = "varchar_to_text"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.alter_column("users", "status", existing_type=sa.String(length=20), type_=sa.Text())


def downgrade() -> None:
    raise NotImplementedError("values may be longer by now")
