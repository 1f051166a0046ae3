"""Expand that takes away."""

# expected: wrong-kind,drop-column
import sqlalchemy as sa
from alembic import op

revision = "expand_that_takes_away"
down_revision = "base"
kind = "expand"


def upgrade() -> None:
    op.drop_column("users", "age")


def downgrade() -> None:
    op.add_column("users", sa.Column("age", sa.Integer(), nullable=True))
