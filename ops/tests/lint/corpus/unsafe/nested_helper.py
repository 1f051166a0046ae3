"""Nested helper."""

# expected: set-not-null
import sqlalchemy as sa
from alembic import op
def _all():
    for t, c in PAIRS:
        _one(t, c)


def _one(t, c):
    op.alter_column(t, c, nullable=False, existing_type=sa.Text())


PAIRS = (("orders", "state"),)

revision = "nested_helper"
down_revision = "base"


def upgrade() -> None:
    _all()


def downgrade() -> None:
    op.execute("SELECT 1")
