"""Stored generated column."""

# expected: rewriting-column
import sqlalchemy as sa
from alembic import op

revision = "stored_generated_column"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("email_lower", sa.Text(), sa.Computed("lower(email)", persisted=True)))


def downgrade() -> None:
    op.drop_column("users", "email_lower")
