"""Unique constraint."""

# expected: unique-without-index
from alembic import op

revision = "unique_constraint"
down_revision = "base"


def upgrade() -> None:
    op.create_unique_constraint("uq_users_email", "users", ["email"])


def downgrade() -> None:
    op.drop_constraint("uq_users_email", "users", type_="unique")
