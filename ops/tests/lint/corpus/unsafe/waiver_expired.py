"""Waiver expired."""

# expected: waiver,index-not-concurrent
from alembic import op

revision = "waiver_expired"
down_revision = "base"


def upgrade() -> None:
    # gonogo: allow index-not-concurrent until 2020-01-01: a small table
    op.create_index("ix_users_name", "users", ["name"])


def downgrade() -> None:
    op.drop_index("ix_users_name")
