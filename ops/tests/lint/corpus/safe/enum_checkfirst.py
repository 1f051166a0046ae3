"""Enum checkfirst."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enum_checkfirst"
down_revision = "base"


def upgrade() -> None:
    mood = postgresql.ENUM("ok", "sad", name="mood")
    mood.create(op.get_bind(), checkfirst=True)
    op.add_column("users", sa.Column("mood", mood, nullable=True))


def downgrade() -> None:
    op.drop_column("users", "mood")
    op.execute("DROP TYPE mood")
