"""Jsonb default."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "jsonb_default"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("prefs", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "prefs")
