"""Timestamp to date."""

# expected: column-type-narrowed
from alembic import op

revision = "timestamp_to_date"
down_revision = "base"


def upgrade() -> None:
    op.execute("alter table orders alter created_at set data type date using created_at::date")


def downgrade() -> None:
    pass
